package assay.eval;

import assay.eval.statistics.Bootstrap;
import assay.eval.statistics.Calibration;
import assay.eval.statistics.Interval;
import assay.eval.statistics.Stratum;
import assay.eval.statistics.Temperature;
import assay.eval.statistics.Wilson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How far to trust one model's scores: what stands under "statistics" in result.json.
 *
 * @param numRows of the score file
 * @param bootstrap what {@code intervals} came from
 * @param intervals of every score, by its path in {@link BenchmarkResult#scores}
 * @param wilson of the subsets that are plain proportions, by name
 * @param calibration of pairs' margins; empty for benchmarks that are not of pairs
 * @param temperature that fits the margins best; empty also where none does
 */
public record EvaluationStatistics(
    long numRows,
    Bootstrap bootstrap,
    Map<String, Interval> intervals,
    Map<String, Interval> wilson,
    Optional<Calibration> calibration,
    OptionalDouble temperature) {

  /** Of all rows, of which there must be one. */
  public static <R extends ScoredRow> EvaluationStatistics of(
      Benchmark<R> benchmark, List<R> rows, Bootstrap bootstrap) {
    List<Stratum> strata = benchmark.strata(rows);
    Map<String, Interval> wilson = new LinkedHashMap<>();
    for (Stratum stratum : strata) {
      if (benchmark.isProportion(stratum)) {
        wilson.put(stratum.name(), Wilson.interval(stratum.means()[0], stratum.numRows()));
      }
    }
    double[] margins = margins(rows);
    boolean pairs = margins.length > 0;
    return new EvaluationStatistics(
        rows.size(),
        bootstrap,
        intervals(benchmark, strata, bootstrap),
        wilson,
        pairs ? Optional.of(Calibration.of(margins)) : Optional.empty(),
        pairs ? Temperature.fit(margins) : OptionalDouble.empty());
  }

  private static Map<String, Interval> intervals(
      Benchmark<?> benchmark, List<Stratum> strata, Bootstrap bootstrap) {
    double[][] replicates =
        bootstrap.replicates(strata, means -> numbers(benchmark.result(strata, means)));
    List<String> names =
        new ArrayList<>(benchmark.result(strata, Stratum.means(strata)).scores().keySet());
    Map<String, Interval> intervals = new LinkedHashMap<>();
    for (int i = 0; i < replicates.length; i++) {
      intervals.put(names.get(i), Bootstrap.interval(replicates[i]));
    }
    return intervals;
  }

  /** The scores in their order; resamples have the same ones, since they have the same strata. */
  static double[] numbers(BenchmarkResult result) {
    return result.scores().values().stream().mapToDouble(score -> score).toArray();
  }

  /** The margins of the rows that are pairs. */
  private static double[] margins(List<? extends ScoredRow> rows) {
    double[] margins = new double[rows.size()];
    int numPairs = 0;
    for (ScoredRow row : rows) {
      if (row instanceof ScoredRow.Pair pair) {
        margins[numPairs++] = pair.margin();
      }
    }
    return Arrays.copyOf(margins, numPairs);
  }

  /** As result files have it. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rows", numRows);
    json.put("confidence", Interval.CONFIDENCE);
    json.put("bootstrap", bootstrapJson());
    json.put("wilson", toJson(wilson));
    json.put("calibration", calibration.map(this::calibrationJson).orElse(null));
    return json;
  }

  private Map<String, Object> bootstrapJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("resamples", bootstrap.resamples());
    json.put("seed", bootstrap.seed());
    json.put("intervals", toJson(intervals));
    return json;
  }

  private Map<String, Object> calibrationJson(Calibration measured) {
    Map<String, Object> json = measured.toJson();
    json.put("temperature", temperature.isPresent() ? temperature.getAsDouble() : null);
    return json;
  }

  private static Map<String, Object> toJson(Map<String, Interval> intervals) {
    Map<String, Object> json = new LinkedHashMap<>();
    intervals.forEach((name, interval) -> json.put(name, interval.toJson()));
    return json;
  }
}
