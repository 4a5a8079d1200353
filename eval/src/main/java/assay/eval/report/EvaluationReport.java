package assay.eval.report;

import assay.eval.Baseline;
import assay.eval.Evaluation;
import assay.eval.EvaluationData;
import assay.eval.RmBench;
import assay.eval.ScoreTable;
import assay.eval.ScoredRow;
import assay.eval.Scores;
import assay.eval.statistics.Stratum;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The page of an evaluation: what the terminal's table says, drawn, and the rows themselves. */
public final class EvaluationReport {
  /** The file's name in an output folder. */
  public static final String NAME = "report.html";

  private static final List<String> SCRIPTS =
      List.of("page.js", "charts.js", "rows.js", "evaluation.js");

  private EvaluationReport() {}

  /**
   * Writes the page into a folder.
   *
   * @param scoreFile that the evaluation's scores stand in
   * @param data that the scores are for; empty: the page has no texts
   */
  public static <R extends ScoredRow> void write(
      Path folder, Evaluation<R> evaluation, Path scoreFile, Optional<EvaluationData<R>> data) {
    String of =
        evaluation
            .model()
            .map(model -> model.name())
            .orElseGet(() -> scoreFile.getFileName().toString());
    String title = evaluation.benchmark().name() + ": " + of;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("title", title);
    json.put("rows", evaluation.scores().rows().size());
    json.put("unscored", unscored(evaluation.scores()));
    json.put(
        "table", ScoreTable.of(evaluation).lines().stream().map(EvaluationReport::line).toList());
    json.put("matrices", matrices(evaluation).orElse(null));
    json.put("margins", margins(evaluation).toJson());
    json.put(
        "lengths", evaluation.scores().hasTexts() ? LengthPoints.of(evaluation.scores()) : null);
    json.put("browser", RowBrowser.of(evaluation, scoreFile, data));
    json.put("result", evaluation.resultFile().toJson());
    ReportPage.write(folder.resolve(NAME), title, SCRIPTS, json);
  }

  private static Map<String, Object> unscored(Scores<?> scores) {
    List<Scores.Unscored> unscored = scores.unscored();
    String first =
        unscored.isEmpty() ? "" : unscored.getFirst().place() + ": " + unscored.getFirst().error();
    return Map.of("number", unscored.size(), "first", first);
  }

  private static Map<String, Object> line(ScoreTable.Line line) {
    Map<String, Double> baselines = new LinkedHashMap<>();
    for (Baseline baseline : line.baselines().keySet()) {
      baselines.put(baseline.name().toLowerCase(Locale.ROOT), line.baselines().get(baseline));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("label", line.label());
    json.put("part", line.isPart());
    json.put("rows", line.rows().isPresent() ? line.rows().getAsInt() : null);
    json.put("share", line.isShare());
    json.put("score", line.score());
    json.put("low", line.interval().low());
    json.put("high", line.interval().high());
    json.put("baselines", baselines);
    return json;
  }

  /** RM-Bench's nine comparisons, by domain. */
  private static <R extends ScoredRow> Optional<Map<String, double[]>> matrices(
      Evaluation<R> evaluation) {
    if (!(evaluation.benchmark() instanceof RmBench)) {
      return Optional.empty();
    }
    Map<String, double[]> matrices = new LinkedHashMap<>();
    for (Stratum domain : evaluation.benchmark().strata(evaluation.scores().rows())) {
      matrices.put(domain.name(), domain.means());
    }
    return Optional.of(matrices);
  }

  private static MarginHistogram margins(Evaluation<?> evaluation) {
    return MarginHistogram.of(
        evaluation.scores().rows().stream().mapToDouble(ScoredRow::margin).toArray());
  }
}
