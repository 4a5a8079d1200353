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
}
