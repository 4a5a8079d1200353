package assay.cli;

import assay.eval.Baseline;
import assay.eval.BenchmarkResult;
import assay.eval.EvaluatedModel;
import assay.eval.Evaluation;
import assay.eval.ModelComparison;
import assay.eval.RewardBench;
import assay.eval.ScoredRow;
import assay.eval.statistics.Interval;
import assay.eval.statistics.Stratum;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of an evaluation, and what to know of its numbers. */
final class EvaluationPrinter {
  private static final String MEAN_MARGIN = "/mean_margin"; // of a baseline it says nothing

  private final PrintWriter out;

  EvaluationPrinter(PrintWriter out) {
    this.out = out;
  }

  /** A line of the table: a score, by its path in {@link BenchmarkResult#scores}. */
  private record Entry(String label, String path) {}

  <R extends ScoredRow> void print(Evaluation<R> evaluation) {
    Map<String, Integer> numRows = new HashMap<>();
    for (Stratum stratum : evaluation.benchmark().strata(evaluation.scores().rows())) {
      numRows.put(stratum.name(), stratum.numRows());
    }
    String of = evaluation.model().map(model -> " by " + model.name()).orElse("");
    int rows = evaluation.scores().rows().size();
    line("%s: %,d rows scored%s", evaluation.benchmark().name(), rows, of);
    line("");
    String header = String.format("%-30s %6s %8s  %-18s", "", "rows", "score", "95% interval");
    line("%s%s", header, evaluation.baselines().isEmpty() ? "" : "  longer markdown  first");
    for (Entry entry : entries(evaluation.result())) {
      printEntry(evaluation, entry, numRows);
    }
    line("");
    printPartial(evaluation);
    printCalibration(evaluation);
    evaluation.model().ifPresent(model -> printRead(evaluation, model));
    evaluation.comparison().ifPresent(this::printComparison);
    out.flush();
  }

  private static List<Entry> entries(BenchmarkResult result) {
    List<Entry> entries = new ArrayList<>();
    if (result instanceof RewardBench.Result) {
      for (RewardBench.Section section : RewardBench.SECTIONS) {
        entries.add(new Entry(section.name(), "sections/" + section.name()));
        section.subsets().forEach(subset -> entries.add(subset(subset.name())));
      }
      entries.add(new Entry("Prior sets", "prior_sets"));
      RewardBench.PRIOR_SETS.forEach(subset -> entries.add(subset(subset)));
      RewardBench.NOT_COUNTED.forEach(subset -> entries.add(subset(subset)));
      entries.add(new Entry("Overall", "overall"));
      entries.add(new Entry("Overall with prior sets", "overall_with_prior"));
      entries.removeIf(entry -> !result.scores().containsKey(entry.path()));
    } else {
      for (String path : result.scores().keySet()) {
        entries.add(new Entry(path.replaceFirst("^(subsets|groups|domains)/", ""), path));
      }
    }
    return entries;
  }

  private static Entry subset(String name) {
    return new Entry("  " + name, "subsets/" + name);
  }

  private void printEntry(Evaluation<?> evaluation, Entry entry, Map<String, Integer> numRows) {
    String path = entry.path();
    String stratum = stratum(path, numRows);
    Interval interval = evaluation.statistics().intervals().get(path);
    boolean isShare = path.startsWith("subsets/") || path.endsWith("/accuracy");
    if (isShare && evaluation.statistics().wilson().containsKey(stratum)) {
      interval = evaluation.statistics().wilson().get(stratum);
    }
    StringBuilder text = new StringBuilder();
    text.append(
        format(
            "%-30s %6s %8.4f  %7.4f .. %-7.4f",
            entry.label(),
            numRows.containsKey(stratum) ? numRows.get(stratum).toString() : "",
            evaluation.result().scores().get(path),
            interval.low(),
            interval.high()));
    for (Baseline baseline : evaluation.baselines().keySet()) {
      Double score = evaluation.baselines().get(baseline).scores().get(path);
      boolean isShown = score != null && !path.endsWith(MEAN_MARGIN);
      text.append(isShown ? format(" %7.4f", score) : "");
    }
    out.println(text);
  }

  /** The stratum that a score is of, empty if it is of several. */
  private static String stratum(String path, Map<String, Integer> numRows) {
    String name = path.substring(path.indexOf('/') + 1);
    if (!numRows.containsKey(name)) {
      name = name.substring(0, Math.max(0, name.lastIndexOf('/')));
    }
    return path.indexOf('/') < 0 || path.startsWith("sections/") ? "" : name;
  }

  private void printPartial(Evaluation<?> evaluation) {
    List<String> missing = evaluation.result().partial();
    if (!missing.isEmpty()) {
      line("PARTIAL: there are no rows of %s", String.join(", ", missing));
    }
    int unscored = evaluation.scores().unscored().size();
    if (unscored > 0) {
      line("PARTIAL: %,d rows have no scores and count nowhere", unscored);
    }
  }

  private void printCalibration(Evaluation<?> evaluation) {
    evaluation
        .statistics()
        .calibration()
        .ifPresent(
            its -> {
              line(
                  "Calibration: expected error %.4f, Brier score %.4f, log loss %.4f",
                  its.expectedError(), its.brier(), its.logLoss());
              evaluation
                  .statistics()
                  .temperature()
                  .ifPresent(best -> line("  margins divided by %.4g fit best", best));
            });
    evaluation
        .lengthCorrelation()
        .ifPresent(its -> line("Spearman's correlation of score and length: %.4f", its));
  }

  private void printRead(Evaluation<?> evaluation, EvaluatedModel model) {
    int longest = evaluation.scores().tokens().max().orElse(0);
    line("Longest text: %,d tokens; nothing was cut", longest);
    if (model.trainedLength().isPresent()) {
      line(
          "  %,d rows have one of more than %,d, the most that the model was trained on",
          model.numLonger(evaluation.scores().tokens()), model.trainedLength().getAsInt());
    }
  }

  private void printComparison(ModelComparison comparison) {
    line("");
    line(
        "Against the other scores: better on %,d rows, worse on %,d, sign test p = %.4g",
        comparison.signTest().better(),
        comparison.signTest().worse(),
        comparison.signTest().pValue());
    line("  %-28s %10s  %-20s %10s", "", "difference", "95% interval", "detectable");
    comparison
        .differences()
        .forEach(
            (path, its) ->
                line(
                    "  %-28s %+10.4f  %+8.4f .. %+-8.4f %10.4f",
                    path.substring(path.indexOf('/') + 1),
                    its.difference(),
                    its.interval().low(),
                    its.interval().high(),
                    its.smallestDetectable()));
  }

  private void line(String format, Object... values) {
    out.println(format(format, values));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
