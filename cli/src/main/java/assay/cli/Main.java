package assay.cli;

import assay.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParseResult;

/** Where the process starts, and the only place that ends it. */
public final class Main {

  private Main() {}

  /** Runs the command that the arguments name, and exits with its code. */
  public static void main(String... arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(out, err, arguments));
  }

  /** Returns the exit code: 0 done, 1 failed, 2 wrong use or input that cannot be used. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new AssayCommand())
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler(Main::report)
        .execute(arguments);
  }

  /** What the user gave needs only its message; anything else is ours, and needs its trace. */
  private static int report(Exception exception, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (exception instanceof InvalidInputException) {
      err.println("assay: " + exception.getMessage());
      return ExitCode.USAGE;
    }
    exception.printStackTrace(err);
    return ExitCode.SOFTWARE;
  }
}
