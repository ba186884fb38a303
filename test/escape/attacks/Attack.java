import java.io.IOException;
import java.net.Socket;
import java.nio.file.*;

/** Tries to get out of the sandbox by Java's own means; prints one line each: what, a tab, what happened. */
public class Attack {
  interface Work { Object run() throws Exception; }

  static void attempt(String what, Work work) {
    String told;
    try {
      work.run();
      told = "done";
    } catch (Throwable error) {
      told = error.getClass().getSimpleName();
    }
    System.out.println(what + "\t" + told);
  }

  public static void main(String[] arguments) {
    int port = Integer.parseInt(arguments[0]);
    Path link = Path.of("passwd");
    attempt("append to /etc/passwd", () -> Files.writeString(Path.of("/etc/passwd"), "x", StandardOpenOption.APPEND));
    attempt("append through a link", () -> Files.writeString(link, "x", StandardOpenOption.WRITE, StandardOpenOption.CREATE));
    attempt("list a linked folder", () -> Files.list(Path.of("folder")));
    attempt("move out", () -> Files.move(Path.of("given"), Path.of("/usr/local/given")));
    attempt("delete a tool", () -> { Files.delete(Path.of("/usr/bin/env")); return null; });
    attempt("read a secret", () -> Files.readString(Path.of(arguments[1])));
    attempt("mount", () -> { if (new ProcessBuilder("mount", "-t", "tmpfs", "none", "/tmp").start().waitFor() != 0) throw new IOException(); return null; });
    attempt("connect to the host", () -> new Socket("127.0.0.1", port));
    attempt("connect to metadata", () -> new Socket("169.254.169.254", 80));
  }
}
