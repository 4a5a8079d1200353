package assay.eval;

import assay.rm.data.Row;
import java.util.List;

/** Whoever scores a benchmark's rows. */
public sealed interface RowScorer permits ModelScorer, JudgeScorer {
  /**
   * Checks that this scorer has scores for such a benchmark's rows.
   *
   * @throws assay.tensor.InvalidInputException if not
   */
  void check(Benchmark<?> benchmark);

  /**
   * The score rows of some rows, in their order; a row without scores has an error.
   *
   * @param firstRow the first one's number in the data, from 0
   */
  List<Row> score(List<BenchmarkRow> rows, long firstRow);

  /**
   * A score of the chosen answer that, beside a 0 for the rejected one, says how probably it is the
   * better one: their difference means what a difference of rewards means. Finite also where a
   * double cannot tell the probability from 0 or 1; NaN stays NaN.
   */
  static double logOdds(double p) {
    double odds = Math.log(p) - Math.log1p(-p);
    return Double.isInfinite(odds) ? Math.copySign(-Math.log(Math.ulp(0.5)), odds) : odds;
  }
}
