package assay.rm.armorm;

import java.util.stream.IntStream;

/**
 * A symmetric matrix {@code [n, n]} in F64 that sums of outer products are added to, and that
 * linear equations are solved with.
 *
 * <p>Only the upper triangle is kept, in blocks of {@value #WIDTH} columns: {@code
 * blocks[b][i][j]} is element (i, b * WIDTH + j). So it takes 4 n (n + WIDTH) bytes, 71 MB for n =
 * 4096, and a block of a few rows fits the first-level cache. Adding outer products and Cholesky's
 * decomposition are the same loop, {@link #addProducts}; its rows have one index in common, which
 * lets the compiler make vector instructions of it.
 *
 * <p>Each element's sum runs in the order of the rows, whichever thread adds it.
 */
final class SymmetricMatrix {
  private static final int WIDTH = 256;

  /** Rows of the matrix, and rows that are added, that the innermost loop takes at once. */
  private static final int TILE = 4;

  /** Rows that are added, or eliminated, in one pass over the matrix. */
  static final int RUN = 128;

  /** Rows of the matrix in one task. */
  private static final int TASK_ROWS = 64;

  private final int n;
  private final double[][][] blocks;

  SymmetricMatrix(int n) {
    this.n = n;
    blocks = new double[Math.ceilDiv(n, WIDTH)][][];
    for (int b = 0; b < blocks.length; b++) {
      blocks[b] = new double[(b + 1) * WIDTH][WIDTH];
    }
  }

  int size() {
    return n;
  }

  double get(int i, int j) {
    int row = Math.min(i, j);
    int column = Math.max(i, j);
    return blocks[column / WIDTH][row][column % WIDTH];
  }

  /** Adds {@code value} to every element of the diagonal. */
  void addToDiagonal(double value) {
    for (int i = 0; i < n; i++) {
      blocks[i / WIDTH][i][i % WIDTH] += value;
    }
  }

  SymmetricMatrix copy() {
    SymmetricMatrix copy = new SymmetricMatrix(n);
    for (int b = 0; b < blocks.length; b++) {
      for (int i = 0; i < blocks[b].length; i++) {
        System.arraycopy(blocks[b][i], 0, copy.blocks[b][i], 0, WIDTH);
      }
    }
    return copy;
  }

  /**
   * Adds X^T X.
   *
   * @param x at most {@value #RUN} rows of n values
   */
  void addOuterProducts(float[][] x) {
    double[][][] panel = new double[blocks.length][Math.ceilDiv(x.length, TILE) * TILE][WIDTH];
    for (int k = 0; k < x.length; k++) {
      for (int j = 0; j < n; j++) {
        panel[j / WIDTH][k][j % WIDTH] = x[k][j];
      }
    }
    addProducts(panel, 1, 0);
  }

  /**
   * For all i of {@code firstRow} and above and all j from i's block on: {@code element(i, j) +=
   * sign * the sum over k of panel(k, i) panel(k, j)}.
   *
   * @param panel {@code [block][k][WIDTH]}; the rows k a multiple of {@value #TILE}
   * @param firstRow a multiple of {@value #TILE}
   */
  private void addProducts(double[][][] panel, double sign, int firstRow) {
    int tasks = Math.ceilDiv(n - firstRow, TASK_ROWS);
    IntStream.range(0, tasks * blocks.length)
        .parallel()
        .forEach(
            task -> {
              int block = task % blocks.length;
              int from = firstRow + task / blocks.length * TASK_ROWS;
              int to = Math.min(from + TASK_ROWS, Math.min(blocks[block].length, n));
              for (int i = from; i < to; i += TILE) {
                addProducts(panel, sign, block, i);
              }
            });
  }

  private void addProducts(double[][][] panel, double sign, int block, int i) {
    double[][] rows = blocks[block];
    double[][] x = panel[block];
    double[][] left = panel[i / WIDTH];
    int column = i % WIDTH;
    double[] factors = new double[TILE * TILE];
    for (int k = 0; k < x.length; k += TILE) {
      for (int r = 0; r < TILE; r++) {
        for (int c = 0; c < TILE; c++) {
          factors[r * TILE + c] = sign * left[k + c][column + r];
        }
      }
      addTile(rows[i], factors, 0, x[k], x[k + 1], x[k + 2], x[k + 3]);
      addTile(rows[i + 1], factors, TILE, x[k], x[k + 1], x[k + 2], x[k + 3]);
      addTile(rows[i + 2], factors, 2 * TILE, x[k], x[k + 1], x[k + 2], x[k + 3]);
      addTile(rows[i + 3], factors, 3 * TILE, x[k], x[k + 1], x[k + 2], x[k + 3]);
    }
  }

  private static void addTile(
      double[] sum, double[] factors, int f, double[] x0, double[] x1, double[] x2, double[] x3) {
    double f0 = factors[f];
    double f1 = factors[f + 1];
    double f2 = factors[f + 2];
    double f3 = factors[f + 3];
    for (int j = 0; j < WIDTH; j++) {
      sum[j] += f0 * x0[j] + f1 * x1[j] + f2 * x2[j] + f3 * x3[j];
    }
  }
}
