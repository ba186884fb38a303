import java.io.FileWriter;
import java.io.Writer;
import java.lang.reflect.InvocationTargetException;

/** Runs the main of a test class and says so once it has returned: an early System.exit(0) is then no pass. */
public final class OracleRunMain {
  public static void main(String[] arguments) throws Throwable {
    try (Writer report = new FileWriter(arguments[0])) {
      Class.forName(arguments[1]).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
      report.write("returned\n");
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }
}
