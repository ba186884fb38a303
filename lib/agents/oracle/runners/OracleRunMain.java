import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs the main of a test class and says so when it has returned, or has ended the JVM itself: when something else calls
 * System.exit(0) that is no pass. What is said begins with a secret, which is gone before the class is loaded.
 *
 * <p>usage: java OracleRunMain REPORT SECRET CLASS
 */
public final class OracleRunMain {
  public static void main(String[] arguments) throws Throwable {
    Path report = Path.of(arguments[0]);
    String secret = Files.readString(Path.of(arguments[1]));
    Files.delete(Path.of(arguments[1]));
    Thread judged = Thread.currentThread();
    String test = arguments[2];
    boolean[] returned = {false};
    Runtime.getRuntime().addShutdownHook(new Thread(() -> tell(report, secret, returned[0] ? "returned" : caller(judged, test))));
    try {
      Class.forName(test).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
      returned[0] = true;
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  private static void tell(Path report, String secret, String what) {
    try {
      Files.writeString(report, secret + " " + what + "\n");
    } catch (java.io.IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  /** Who called System.exit: the first frame below those of the JDK. */
  private static String caller(Thread judged, String test) {
    for (StackTraceElement frame : judged.getStackTrace()) {
      String name = frame.getClassName();
      if (name.startsWith("java.") || name.startsWith("jdk.")) continue;
      return name.equals(test) || name.startsWith(test + "$") ? "exited" : "left";
    }
    return "left";
  }
}
