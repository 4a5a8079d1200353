package assay.eval;

import assay.eval.statistics.Bootstrap;
import assay.eval.statistics.PairedDifference;
import assay.eval.statistics.SignTest;
import assay.eval.statistics.Stratum;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Two models on the same rows: is one better, by how much, and what difference could have been seen
 * at all?
 *
 * @param numRows rows that both models scored
 * @param signTest over the rows' credits, each row counting alike
 * @param bootstrap what the differences' intervals came from
 * @param differences of every score, with the benchmark's own weights, by its path in {@link
 *     BenchmarkResult#scores}
 */
public record ModelComparison(
    long numRows,
    SignTest signTest,
    Bootstrap bootstrap,
    Map<String, PairedDifference> differences) {

  /**
   * Compares two models whose rows are the same but for their scores, in any order.
   *
   * @throws InvalidInputException if a row of one is not among the other's
   */
  public static <R extends ScoredRow> ModelComparison of(
      Benchmark<R> benchmark, List<R> first, List<R> second, Bootstrap bootstrap) {
    List<R> matched = match(first, second);
    double[] firstCredits = first.stream().mapToDouble(benchmark::credit).toArray();
    double[] secondCredits = matched.stream().mapToDouble(benchmark::credit).toArray();
    return new ModelComparison(
        first.size(),
        SignTest.of(firstCredits, secondCredits),
        bootstrap,
        differences(benchmark, benchmark.strata(first), benchmark.strata(matched), bootstrap));
  }

  /** Rows of both models side by side in each stratum, so that a resample draws both. */
  private static Map<String, PairedDifference> differences(
      Benchmark<?> benchmark, List<Stratum> first, List<Stratum> second, Bootstrap bootstrap) {
    List<Stratum> both = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      both.add(first.get(i).beside(second.get(i)));
    }
    double[][] replicates =
        bootstrap.replicates(
            both,
            means -> {
              double[] scores = scores(benchmark, first, means, false);
              double[] others = scores(benchmark, second, means, true);
              Arrays.setAll(scores, i -> scores[i] - others[i]);
              return scores;
            });
    Map<String, Double> firstScores = benchmark.result(first, Stratum.means(first)).scores();
    Map<String, Double> secondScores = benchmark.result(second, Stratum.means(second)).scores();
    Map<String, PairedDifference> differences = new LinkedHashMap<>();
    for (String name : firstScores.keySet()) {
      double[] differencesOfResamples = replicates[differences.size()];
      differences.put(
          name,
          PairedDifference.of(
              firstScores.get(name), secondScores.get(name), differencesOfResamples));
    }
    return differences;
  }

  /** The scores of one model from the means of both. */
  private static double[] scores(
      Benchmark<?> benchmark, List<Stratum> strata, double[][] means, boolean isSecond) {
    double[][] own = new double[means.length][];
    for (int i = 0; i < means.length; i++) {
      int width = strata.get(i).width();
      int start = isSecond ? width : 0;
      own[i] = Arrays.copyOfRange(means[i], start, start + width);
    }
    return EvaluationStatistics.numbers(benchmark.result(strata, own));
  }

  /** What a row is known by. Rows with the same group and id match in their order. */
  private record Key(String group, String id, int occurrence) {}

  /**
   * The second model's rows in the order of the first's.
   *
   * @throws InvalidInputException if a row of one is not among the other's
   */
  public static <R extends ScoredRow> List<R> match(List<R> first, List<R> second) {
    Map<Key, R> byKey = byKey(second);
    List<R> matched = new ArrayList<>();
    byKey(first)
        .forEach(
            (key, row) -> {
              R other = byKey.remove(key);
              if (other == null) {
                throw unmatched(row, "second");
              }
              matched.add(other);
            });
    if (!byKey.isEmpty()) {
      throw unmatched(byKey.values().iterator().next(), "first");
    }
    return matched;
  }

  private static <R extends ScoredRow> Map<Key, R> byKey(List<R> rows) {
    Map<Key, Integer> occurrences = new HashMap<>();
    Map<Key, R> byKey = new LinkedHashMap<>();
    for (R row : rows) {
      int occurrence = occurrences.merge(new Key(row.group(), row.id(), 0), 1, Integer::sum);
      byKey.put(new Key(row.group(), row.id(), occurrence), row);
    }
    return byKey;
  }

  private static InvalidInputException unmatched(ScoredRow row, String other) {
    return new InvalidInputException(
        "%s: id '%s' of %s is not among the %s model's rows; both must have scored the same rows"
            .formatted(row.place(), row.id(), row.group(), other));
  }

  /** As result files have it. */
  public Map<String, Object> toJson() {
    Map<String, Object> byName = new LinkedHashMap<>();
    differences.forEach((name, difference) -> byName.put(name, difference.toJson()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rows", numRows);
    json.put("first_better", signTest.better());
    json.put("second_better", signTest.worse());
    json.put("p_value", signTest.pValue());
    json.put("resamples", bootstrap.resamples());
    json.put("seed", bootstrap.seed());
    json.put("differences", byName);
    return json;
  }
}
