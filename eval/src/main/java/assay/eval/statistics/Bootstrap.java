package assay.eval.statistics;

import assay.rm.data.SplitMix64;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The bootstrap (Efron 1979, Bootstrap Methods: Another Look at the Jackknife), stratified: each
 * resample draws from every stratum as many of its rows as it has, with replacement, and scores
 * them. The scores of many resamples vary as the score itself would with other rows of the same
 * kind.
 *
 * <p>Strata keep their sizes since a benchmark fixes them: RewardBench has 37 rows of
 * mt-bench-hard, whichever they are. A stratum of a single row has nothing to vary by.
 *
 * <p>Resample r draws from its own generator, which depends on the seed and on r alone, so that the
 * threads which share the work do not change the result.
 *
 * @param resamples how many; 2,000 place the ends of a 95% interval to a few percent of its width
 */
public record Bootstrap(int resamples, long seed) {
  /** Enough for two digits of an interval's end. */
  public static final int DEFAULT_RESAMPLES = 2000;

  public Bootstrap {
    if (resamples < 2) {
      throw new IllegalArgumentException("expected at least 2 resamples, got " + resamples);
    }
  }

  /**
   * The scores of each resample: {@code [score][resamples]}.
   *
   * @param scores makes one or more scores of the strata's means, {@code [strata][width]}; called
   *     from several threads
   */
  public double[][] replicates(List<Stratum> strata, Function<double[][], double[]> scores) {
    List<Population> populations = strata.stream().map(Population::of).toList();
    double[][] byResample =
        IntStream.range(0, resamples)
            .parallel()
            .mapToObj(resample -> scores.apply(resampledMeans(populations, resample)))
            .toArray(double[][]::new);
    int numScores = byResample[0].length;
    double[][] replicates = new double[numScores][resamples];
    for (int score = 0; score < numScores; score++) {
      for (int resample = 0; resample < resamples; resample++) {
        replicates[score][resample] = byResample[resample][score];
      }
    }
    return replicates;
  }

  private double[][] resampledMeans(List<Population> populations, int resample) {
    SplitMix64 random = new SplitMix64(SplitMix64.mix(SplitMix64.mix(seed) + resample));
    double[][] means = new double[populations.size()][];
    for (int i = 0; i < means.length; i++) {
      means[i] = populations.get(i).resampledMeans(random);
    }
    return means;
  }

  /**
   * A stratum whose equal rows are known to be equal. Most have a few kinds of rows, and counting
   * how many of each kind are drawn takes half the time of adding up what is drawn, or less where
   * rows are wide.
   *
   * @param kindOf each row's kind
   * @param kinds the numbers of each kind: {@code [kinds, width]}
   */
  private record Population(int[] kindOf, int width, double[] kinds) {
    static Population of(Stratum stratum) {
      int width = stratum.width();
      Map<List<Double>, Integer> kinds = new LinkedHashMap<>();
      int[] kindOf = new int[stratum.numRows()];
      for (int row = 0; row < kindOf.length; row++) {
        List<Double> numbers =
            Arrays.stream(stratum.values(), row * width, (row + 1) * width).boxed().toList();
        Integer known = kinds.putIfAbsent(numbers, kinds.size());
        kindOf[row] = known == null ? kinds.size() - 1 : known;
      }
      double[] flat =
          kinds.keySet().stream().flatMap(List::stream).mapToDouble(number -> number).toArray();
      return new Population(kindOf, width, flat);
    }

    double[] resampledMeans(SplitMix64 random) {
      int[] drawn = new int[kinds.length / width];
      for (int i = 0; i < kindOf.length; i++) {
        drawn[kindOf[random.nextInt(kindOf.length)]]++;
      }
      double[] means = new double[width];
      for (int kind = 0; kind < drawn.length; kind++) {
        for (int column = 0; column < width; column++) {
          means[column] += drawn[kind] * kinds[kind * width + column];
        }
      }
      for (int column = 0; column < width; column++) {
        means[column] /= kindOf.length;
      }
      return means;
    }
  }

  /** The percentile interval: the middle 95% of a score's replicates. */
  public static Interval interval(double[] replicates) {
    double[] sorted = replicates.clone();
    Arrays.sort(sorted);
    double tail = (1 - Interval.CONFIDENCE) / 2;
    return new Interval(quantile(sorted, tail), quantile(sorted, 1 - tail));
  }

  /** Linear between the two neighbours, as numpy's default (Hyndman and Fan 1996, type 7). */
  static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  /** The standard deviation of a score's replicates, with n - 1. */
  public static double standardError(double[] replicates) {
    double mean = Arrays.stream(replicates).average().orElseThrow();
    double squares = Arrays.stream(replicates).map(x -> (x - mean) * (x - mean)).sum();
    return Math.sqrt(squares / (replicates.length - 1));
  }
}
