package assay.cli;

import assay.rm.Contract;
import assay.rm.TrainingSummary;
import assay.tensor.Bytes;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;

/** What is said at the end of a run. */
final class SummaryPrinter {
  private final PrintWriter out;

  SummaryPrinter(PrintWriter out) {
    this.out = out;
  }

  void print(TrainingSummary summary, double seconds) {
    line(
        "%s%s in %s: %,.0f tokens/s",
        summary.stopped() ? "Stopped" : "Done",
        summary.steps() > 0 ? " after " + summary.steps() + " steps" : "",
        Progress.time(seconds),
        summary.tokensPerSecond());
    line("");
    line("Memory at its peak (the process: %s)", Bytes.format(summary.peakRssBytes()));
    summary.peakBytes().forEach((what, bytes) -> line("  %-12s %12s", what, Bytes.format(bytes)));
    summary
        .evaluation()
        .ifPresent(
            row -> {
              line("");
              if (row.hasAccuracy()) {
                line(
                    "Held-out accuracy  %.4f +- %.4f on %d %s",
                    row.accuracy(), row.standardError(), row.pairs(), row.unit());
              } else {
                line("Held-out loss  %.4f on %d %s", row.loss(), row.pairs(), row.unit());
              }
            });
    if (!summary.bySource().isEmpty()) {
      line("  %-28s %6s %9s %8s %14s", "source", "pairs", "accuracy", "+-", "longer wins");
      summary
          .bySource()
          .forEach(
              (source, row) ->
                  line(
                      "  %-28s %6d %9.4f %8.4f %14.4f",
                      source.isEmpty() ? "-" : source,
                      row.pairs(),
                      row.accuracy(),
                      row.standardError(),
                      row.lengthBaseline()));
    }
    samples(summary);
    line("");
    summary.model().ifPresentOrElse(this::next, () -> line("No step was taken: no model saved."));
    out.flush();
  }

  private void next(Path model) {
    line("Model  %s", model);
    line("Next   ./assay inspect --model %s", model);
    line("       ./assay score --model %s --input FILE.jsonl", model);
  }

  /** Two answers to one question, and what the model makes of them. */
  private void samples(TrainingSummary summary) {
    line("");
    for (Contract.Probe probe : summary.samples()) {
      if (probe.conversation().size() == 2) {
        line(
            "Reward %8.4f  %s  |  %s",
            probe.reward(),
            probe.conversation().getFirst().content(),
            probe.conversation().getLast().content());
      }
    }
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
