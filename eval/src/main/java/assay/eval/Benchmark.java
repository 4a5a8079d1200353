package assay.eval;

import assay.eval.statistics.Stratum;
import assay.rm.data.Row;
import java.util.List;

/**
 * A benchmark: which rows it has, what each is worth, and the formula of its scores.
 *
 * <p>All scores are functions of means over strata. That is what lets one bootstrap, one comparison
 * and one report serve every benchmark, and it keeps each formula in one place: the published score
 * and the scores of resampled rows come from the same lines.
 *
 * @param <R> its kind of rows
 */
public sealed interface Benchmark<R extends ScoredRow>
    permits RewardBench, RewardBench2, RmBench, PairBenchmark {

  /** As on the command line and under "benchmark" in results. */
  String name();

  /**
   * A row of a score file.
   *
   * @throws assay.tensor.InvalidInputException if it is none of this benchmark's; names file, line
   *     and key
   */
  R read(Row row);

  /** The rows by what their means are taken over, only those that have rows. */
  List<Stratum> strata(List<R> rows);

  /**
   * The scores.
   *
   * @param strata of {@link #strata}
   * @param means theirs, or those of a resample: {@code [strata][width]}
   */
  BenchmarkResult result(List<Stratum> strata, double[][] means);

  /** The scores of all rows. */
  default BenchmarkResult result(List<R> rows) {
    List<Stratum> strata = strata(rows);
    return result(strata, Stratum.means(strata));
  }

  /** What the model deserves for one row, from 0 to 1, for comparing two models row by row. */
  double credit(R row);

  /**
   * Whether the first column of a stratum is a credit and its rows are independent of each other,
   * so that its mean is a proportion of so many trials.
   */
  boolean isProportion(Stratum stratum);
}
