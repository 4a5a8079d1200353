package assay.rm.armorm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What both stages came to: the content of {@code armorm.json}.
 *
 * @param objectives in the order of the model's outputs
 * @param attributeRows rated texts that were used
 * @param droppedRows those that were not, by reason
 * @param gate empty without held-out pairs
 */
public record ArmoRmReport(
    List<Objective> objectives,
    int attributeRows,
    Map<String, Long> droppedRows,
    Optional<GateReport> gate) {
  /** The file's name in a run's folder. */
  static final String FILE = "armorm.json";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * Stage 1's part of one objective.
   *
   * @param spearman of predicted and given ratings on held-out rows; NaN if the given are all equal
   * @param error mean squared, on held-out rows
   * @param variance of the held-out ratings: the error of predicting their mean
   * @param penalty the share of the verbosity's reward that is taken off
   */
  public record Objective(
      String name,
      int trainingRatings,
      int heldOutRatings,
      double alpha,
      double spearman,
      double error,
      double variance,
      double penalty) {}

  /** Puts together what both stages came to. */
  static ArmoRmReport of(
      List<String> names,
      RatedTexts rated,
      RidgeRegression.Fit fit,
      double[] penalties,
      Optional<GateReport> gate) {
    List<Objective> objectives = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      objectives.add(
          new Objective(
              names.get(k),
              fit.trainingRatings()[k],
              fit.heldOutRatings()[k],
              fit.alphas()[k],
              fit.spearman()[k],
              fit.error(k),
              variance(rated, k),
              penalties[k]));
    }
    return new ArmoRmReport(objectives, rated.rows().size(), rated.dropped(), gate);
  }

  /** Of an attribute's held-out ratings. */
  private static double variance(RatedTexts rated, int attribute) {
    double[] ratings =
        rated.heldOut().stream()
            .mapToDouble(row -> rated.rows().get(row).ratings()[attribute])
            .filter(rating -> !Double.isNaN(rating))
            .toArray();
    double mean = Arrays.stream(ratings).average().orElse(0);
    return Arrays.stream(ratings).map(r -> (r - mean) * (r - mean)).average().orElse(0);
  }

  /** For people. */
  public String toTable() {
    StringBuilder table = new StringBuilder();
    table.append(
        "%-34s %7s %8s %9s %9s %9s %8s%n"
            .formatted(
                "objective", "rated", "held out", "alpha", "spearman", "mse/var", "penalty"));
    for (Objective objective : objectives) {
      table.append(
          "%-34s %7d %8d %9.4g %9.3f %9.3f %8.3g%n"
              .formatted(
                  objective.name(),
                  objective.trainingRatings(),
                  objective.heldOutRatings(),
                  objective.alpha(),
                  objective.spearman(),
                  objective.error() / objective.variance(),
                  objective.penalty()));
    }
    gate.ifPresent(report -> addGate(table, report));
    return table.toString();
  }

  private void addGate(StringBuilder table, GateReport gateReport) {
    table.append(
        "%ngate on %d held-out pairs: accuracy %.4f (equal weights %.4f), loss %.4f%n"
            .formatted(
                gateReport.pairs(),
                gateReport.accuracy(),
                gateReport.uniformAccuracy(),
                gateReport.loss()));
    table.append(
        "entropy %.3f of at most %.3f, of the mean weights %.3f; logit scale %.4f%n"
            .formatted(
                gateReport.meanEntropy(),
                Math.log(objectives.size()),
                gateReport.entropyOfMean(),
                gateReport.logitScale()));
    table.append("%-34s %9s %9s %9s%n".formatted("objective", "weight", "on top", "accuracy"));
    for (int k = 0; k < objectives.size(); k++) {
      table.append(
          "%-34s %9.4f %9.4f %9.4f%n"
              .formatted(
                  objectives.get(k).name(),
                  gateReport.meanWeight()[k],
                  gateReport.topShare()[k],
                  gateReport.objectiveAccuracy()[k]));
    }
  }

  /** For programs. */
  public String toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("attribute_rows", attributeRows);
    json.put("dropped_rows", droppedRows);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int k = 0; k < objectives.size(); k++) {
      rows.add(objective(k));
    }
    json.put("objectives", rows);
    gate.ifPresent(report -> json.put("gate", fields(report)));
    return JSON.writeValueAsString(json) + "\n";
  }

  void write(Path file) {
    try {
      Files.writeString(file, toJson());
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  private static Map<String, Object> fields(GateReport report) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("eval_pairs", report.pairs());
    fields.put("eval_accuracy", report.accuracy());
    fields.put("eval_accuracy_equal_weights", report.uniformAccuracy());
    fields.put("eval_loss", report.loss());
    fields.put("mean_entropy", report.meanEntropy());
    fields.put("entropy_of_mean_weights", report.entropyOfMean());
    fields.put("logit_scale", report.logitScale());
    return fields;
  }

  private Map<String, Object> objective(int k) {
    Objective objective = objectives.get(k);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", objective.name());
    fields.put("training_ratings", objective.trainingRatings());
    fields.put("held_out_ratings", objective.heldOutRatings());
    fields.put("alpha", objective.alpha());
    fields.put("spearman", Double.isNaN(objective.spearman()) ? null : objective.spearman());
    fields.put("mean_squared_error", objective.error());
    fields.put("variance", objective.variance());
    fields.put("verbosity_penalty", objective.penalty());
    gate.ifPresent(
        report -> {
          fields.put("gate_mean_weight", report.meanWeight()[k]);
          fields.put("gate_top_share", report.topShare()[k]);
          fields.put("eval_accuracy_alone", report.objectiveAccuracy()[k]);
        });
    return fields;
  }
}
