package assay.eval;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A benchmark's scores. What was not measured is null, never 0. */
public sealed interface BenchmarkResult
    permits RewardBench.Result, RewardBench2.Result, RmBench.Result, PairBenchmark.Result {

  /**
   * As result.json has them, in its order: values are maps, lists, texts, whole numbers and, for
   * scores, {@code Double} or null.
   */
  Map<String, Object> toJson();

  /** What the benchmark has and the rows do not: sections and subsets by name. */
  List<String> partial();

  /** All scores that there are, by their path in {@link #toJson}: {@code sections/Chat}. */
  default Map<String, Double> scores() {
    Map<String, Double> scores = new LinkedHashMap<>();
    collect("", toJson(), scores);
    return scores;
  }

  private static void collect(String path, Map<?, ?> json, Map<String, Double> scores) {
    json.forEach(
        (key, value) -> {
          switch (value) {
            case Double score -> scores.put(path + key, score);
            case Map<?, ?> map -> collect(path + key + "/", map, scores);
            case null, default -> {} // not measured, or no score
          }
        });
  }
}
