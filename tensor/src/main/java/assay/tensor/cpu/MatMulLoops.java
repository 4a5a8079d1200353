package assay.tensor.cpu;

/**
 * The innermost loops of matmul, all on F32. {@link MatMul} decides what is computed where and
 * when; these loops only have to be fast. Every implementation gives the same bits, since each
 * element of the result is one chain of fused multiply-adds in the order of k.
 */
interface MatMulLoops {
  /** Rows of the tile of the result that {@link #tile} computes. */
  int tileRows();

  /** Columns of that tile. */
  int tileColumns();

  /** The largest depth of a panel: one column tile of B should fit the first-level cache. */
  int maxDepth();

  /**
   * Continues the chains of one whole tile: {@code c = fma(a[k], b[k], c)} for k ascending.
   *
   * @param a panel {@code [tileRows, depth]} from aStart on
   * @param b panel {@code [depth, tileColumns]} from bStart on
   * @param c address of the tile's first element
   * @param rowBytes from one row of the tile to the next
   * @param first the chains start at 0 and what c held is not read
   */
  void tile(
      float[] a,
      int aStart,
      float[] b,
      int bStart,
      int depth,
      long c,
      long rowBytes,
      boolean first);

  /** {@code panel[start + row * stride + column] = x[row, column]}, x being in memory. */
  void copy(Block x, float[] panel, int start, int stride);

  /** {@code panel[start + column * stride + row] = x[row, column]}, x being in memory. */
  void transpose(Block x, float[] panel, int start, int stride);

  /** A block of a row-major F32 matrix in memory. */
  record Block(long address, long rowBytes, int rows, int columns) {}
}
