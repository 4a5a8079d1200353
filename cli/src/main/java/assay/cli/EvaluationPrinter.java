package assay.cli;

import assay.eval.EvaluatedModel;
import assay.eval.Evaluation;
import assay.eval.JudgeStatistics;
import assay.eval.ModelComparison;
import assay.eval.ScoreTable;
import assay.eval.ScoredRow;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** The table of an evaluation, and what to know of its numbers. */
final class EvaluationPrinter {
  private final PrintWriter out;

  EvaluationPrinter(PrintWriter out) {
    this.out = out;
  }

  <R extends ScoredRow> void print(Evaluation<R> evaluation) {
    String of = evaluation.model().map(model -> " by " + model.name()).orElse("");
    int rows = evaluation.scores().rows().size();
    line("%s: %,d rows scored%s", evaluation.benchmark().name(), rows, of);
    line("");
    String header = String.format("%-30s %6s %8s  %-18s", "", "rows", "score", "95% interval");
    line("%s%s", header, evaluation.baselines().isEmpty() ? "" : "  longer markdown  first");
    ScoreTable.of(evaluation).lines().forEach(this::printScore);
    line("");
    printPartial(evaluation);
    printCalibration(evaluation);
    evaluation.scores().judge().ifPresent(this::printJudge);
    evaluation
        .model()
        .filter(model -> model.judge().isEmpty())
        .ifPresent(model -> printRead(evaluation, model));
    evaluation.comparison().ifPresent(this::printComparison);
    out.flush();
  }

  private void printScore(ScoreTable.Line score) {
    StringBuilder text = new StringBuilder();
    text.append(
        format(
            "%-30s %6s %8.4f  %7.4f .. %-7.4f",
            (score.isPart() ? "  " : "") + score.label(),
            score.rows().isPresent() ? score.rows().getAsInt() : "",
            score.score(),
            score.interval().low(),
            score.interval().high()));
    score.baselines().values().forEach(its -> text.append(format(" %7.4f", its)));
    out.println(text);
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

  private void printJudge(JudgeStatistics its) {
    if (its.comparisons() > 0) {
      line(
          "The judge's verdicts: the same in both orders %,d of %,d times",
          its.consistent(), its.comparisons());
      line("  for the answer shown first %,d of %,d times", its.first(), its.choices());
      line("  without a verdict %,d of %,d replies", its.unparsable(), its.verdicts());
    }
  }

  private void printRead(Evaluation<?> evaluation, EvaluatedModel model) {
    int longest = evaluation.scores().tokens().max().orElse(0);
    long cut = evaluation.scores().cutTokens().count();
    line("Longest text: %,d tokens%s", longest, cut == 0 ? "; nothing was cut" : "");
    if (cut > 0) {
      line(
          "CUT (%s): %,d rows, by %,.0f tokens on average and %,d at most",
          model.tooLong().key(),
          cut,
          evaluation.scores().cutTokens().average().orElseThrow(),
          evaluation.scores().cutTokens().max().orElseThrow());
    }
    long longer = model.numLonger(evaluation.scores().tokens());
    if (longer > 0) {
      line(
          "  %,d rows have one of more than %,d, the most that the model was trained on",
          longer, model.trainedLength().orElseThrow());
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
