package assay.rm.data;

import java.util.List;

/** Says which of two answers is the better one: a trained reward model. */
@FunctionalInterface
public interface PairLabeller {
  /**
   * How probably the first answer of each row is better than the second; NaN where that cannot be
   * said. Called once, with all rows.
   */
  double[] preferences(List<ScoreRow> rows);
}
