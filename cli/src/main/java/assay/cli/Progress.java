package assay.cli;

import assay.rm.MetricsLog;
import assay.rm.TrainingListener;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Shows a run: one line that is written over on a terminal, plain lines elsewhere. */
final class Progress implements TrainingListener {
  private static final int BAR = 24;

  private final PrintWriter err;
  private final boolean terminal;
  private final int logEvery;
  private final long start = System.nanoTime();
  private long tokens;
  private double seconds;
  private boolean lineOpen;
  private long lastTenth;

  Progress(PrintWriter err, boolean terminal, int logEvery) {
    this.err = err;
    this.terminal = terminal;
    this.logEvery = Math.max(1, logEvery);
  }

  @Override
  public void note(String text) {
    endLine();
    err.println(text);
    err.flush();
  }

  @Override
  public void labelling(int pairs, int totalPairs) {
    if (terminal) {
      show((double) pairs / totalPairs, "labelled " + pairs + "/" + totalPairs + " pairs");
    }
  }

  @Override
  public void step(MetricsLog.Step row, long totalSteps) {
    tokens += row.tokens();
    seconds += row.seconds();
    if (row.step() % logEvery != 0 && row.step() != totalSteps) {
      return;
    }
    double left = seconds / row.step() * (totalSteps - row.step());
    String accuracy =
        Double.isNaN(row.accuracy())
            ? ""
            : String.format(Locale.ROOT, "  accuracy %.3f", row.accuracy());
    String text =
        String.format(
            Locale.ROOT,
            "step %d/%d  loss %.4f%s  %,.0f tokens/s  %s left",
            row.step(),
            totalSteps,
            row.loss(),
            accuracy,
            tokens / seconds,
            time(left));
    show((double) row.step() / totalSteps, text);
  }

  @Override
  public void evaluating(int pairs, int totalPairs) {
    if (terminal && (pairs % 16 == 0 || pairs == totalPairs)) {
      show((double) pairs / totalPairs, "evaluating " + pairs + "/" + totalPairs + " pairs");
    }
  }

  @Override
  public void evaluated(MetricsLog.Evaluation row) {
    if (!row.hasAccuracy()) {
      note(
          String.format(
              Locale.ROOT,
              "held out after step %d: loss %.4f on %d %s",
              row.step(),
              row.loss(),
              row.pairs(),
              row.unit()));
      return;
    }
    note(
        String.format(
            Locale.ROOT,
            "held out after step %d: accuracy %.4f +- %.4f on %d %s, loss %.4f, margin %.4f",
            row.step(),
            row.accuracy(),
            row.standardError(),
            row.pairs(),
            row.unit(),
            row.loss(),
            row.margin()));
  }

  /** Of an evaluation; without a terminal a line for each tenth of the rows. */
  void scored(long rows, long rowsBefore, long totalRows) {
    long tenth = rows * 10 / totalRows;
    if (!terminal && tenth == lastTenth) {
      return;
    }
    lastTenth = tenth;
    double left = elapsedSeconds() / (rows - rowsBefore) * (totalRows - rows);
    String text = "scored %d/%d rows  %s left".formatted(rows, totalRows, time(left));
    show((double) rows / totalRows, text);
  }

  private void show(double done, String text) {
    if (!terminal) {
      err.println(text);
      err.flush();
      return;
    }
    int filled = (int) Math.round(done * BAR);
    err.print("\r[" + "#".repeat(filled) + ".".repeat(BAR - filled) + "] " + text + "\u001b[K");
    err.flush();
    lineOpen = true;
  }

  /** Leaves the line that was written over. */
  void endLine() {
    if (lineOpen) {
      err.println();
      lineOpen = false;
    }
  }

  /** Without a console there is none; with one it may still be redirected. */
  @SuppressWarnings("SystemConsoleNull") // it is null where standard input is no terminal
  static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Since the command began. */
  double elapsedSeconds() {
    return (System.nanoTime() - start) * 1e-9;
  }

  /** For example {@code 1:05} or {@code 2:00:07}. */
  static String time(double seconds) {
    Duration duration = Duration.ofSeconds(Math.round(seconds));
    long hours = duration.toHours();
    return hours > 0
        ? String.format("%d:%02d:%02d", hours, duration.toMinutesPart(), duration.toSecondsPart())
        : String.format("%d:%02d", duration.toMinutes(), duration.toSecondsPart());
  }
}
