package assay.nn;

import assay.tensor.Tensor;

/**
 * Numbers of which each rank updates some rows (of dim 0), and holds those or all.
 *
 * <p>All ranks hold memory for equally many rows of their own, so the last may have some to spare:
 * what is exchanged between ranks is padded.
 */
public final class ShardedTensor {
  private final Tensor padded;
  private final Placement.Rows rows;
  private final int numRows; // without padding, of all ranks
  private final boolean hasAllRows;

  ShardedTensor(Tensor padded, Placement.Rows rows, int numRows, boolean hasAllRows) {
    this.padded = padded;
    this.rows = rows;
    this.numRows = numRows;
    this.hasAllRows = hasAllRows;
  }

  /** All that lies here, with the padding. */
  public Tensor padded() {
    return padded;
  }

  /** Whether all ranks' rows lie here. */
  public boolean hasAllRows() {
    return hasAllRows;
  }

  /**
   * All rows.
   *
   * @throws IllegalStateException if only the own ones lie here
   */
  public Tensor whole() {
    if (!hasAllRows) {
      throw new IllegalStateException("of %d rows, only %s lie here".formatted(numRows, rows));
    }
    return padded.rows(0, numRows);
  }

  /** The rows that are updated here. */
  public Tensor own() {
    return rows(rows.from(), rows.to());
  }

  /** Rows from (included) to (excluded) of the whole, which must lie here. */
  public Tensor rows(int from, int to) {
    int first = hasAllRows ? 0 : rows.from();
    return padded.rows(from - first, to - first);
  }

  /** The first of the rows that lie here. */
  public int firstRow() {
    return hasAllRows ? 0 : rows.from();
  }

  /** Behind the last of the rows that lie here. */
  public int endRow() {
    return hasAllRows ? numRows : rows.to();
  }
}
