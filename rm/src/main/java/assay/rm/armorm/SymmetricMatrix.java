package assay.rm.armorm;

import java.util.stream.IntStream;

/**
 * A symmetric matrix {@code [n, n]} in F64 that sums of outer products are added to.
 *
 * <p>Only the upper triangle is kept, in blocks of {@value #WIDTH} columns: {@code blocks[b][i][j]}
 * is element (i, b * WIDTH + j). So it takes 4 n (n + WIDTH) bytes, 71 MB for n = 4096, and what
 * the innermost loop reads again and again fits the second-level cache. That loop has one index for
 * all its rows, which lets the compiler make vector instructions of it; {@link Cholesky} runs on
 * the same one.
 *
 * <p>Each element's sum runs in the order of the rows, whichever thread adds it.
 */
final class SymmetricMatrix {
  static final int WIDTH = 256;

  /** Rows that the innermost loop takes at once. */
  static final int STRIP = 8;

  /** Rows that are added in one pass over the matrix. */
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

  /** The upper triangle's memory; elements below the diagonal may hold anything. */
  double[][][] blocks() {
    return blocks;
  }

  /** Bytes that a matrix of this size takes. */
  static long bytes(int n) {
    long numBlocks = Math.ceilDiv(n, WIDTH);
    return 8L * WIDTH * WIDTH * numBlocks * (numBlocks + 1) / 2;
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

  /** Adds {@code value} to every element of the diagonal. */
  void addToDiagonal(double value) {
    for (int i = 0; i < n; i++) {
      blocks[i / WIDTH][i][i % WIDTH] += value;
    }
  }

  /**
   * Adds X^T X.
   *
   * @param x rows of n values; {@value #RUN} of them cost a pass over the matrix, fewer as much
   */
  void addOuterProducts(float[][] x) {
    double[][][] panel = new double[blocks.length][Math.ceilDiv(x.length, STRIP) * STRIP][WIDTH];
    for (int k = 0; k < x.length; k++) {
      for (int j = 0; j < n; j++) {
        panel[j / WIDTH][k][j % WIDTH] = x[k][j];
      }
    }
    addProducts(panel, 1, 0);
  }

  /**
   * For all rows i from {@code firstRow} and all columns j from i's block on: {@code element(i, j)
   * += sign * the sum over k of panel(k, i) panel(k, j)}.
   *
   * @param panel {@code [block][k][WIDTH]}, with a multiple of {@value #STRIP} rows
   */
  void addProducts(double[][][] panel, double sign, int firstRow) {
    int tasks = Math.ceilDiv(n - firstRow, TASK_ROWS);
    IntStream.range(0, tasks * blocks.length)
        .parallel()
        .forEach(
            task -> {
              int block = task % blocks.length;
              int from = firstRow + task / blocks.length * TASK_ROWS;
              int to = Math.min(from + TASK_ROWS, Math.min(blocks[block].length, n));
              for (int i = from; i < to; i++) {
                double[][] left = panel[i / WIDTH];
                addProducts(blocks[block][i], left, i % WIDTH, panel[block], sign);
              }
            });
  }

  /** Adds to one row of one block. */
  private static void addProducts(
      double[] sum, double[][] left, int column, double[][] right, double sign) {
    double[] factors = new double[STRIP];
    for (int k = 0; k < right.length; k += STRIP) {
      for (int s = 0; s < STRIP; s++) {
        factors[s] = sign * left[k + s][column];
      }
      addStrip(
          sum,
          factors,
          right[k],
          right[k + 1],
          right[k + 2],
          right[k + 3],
          right[k + 4],
          right[k + 5],
          right[k + 6],
          right[k + 7]);
    }
  }

  /** sum += the factors times the rows: eight multiply-adds for one load and store of the sum. */
  private static void addStrip(
      double[] sum,
      double[] f,
      double[] x0,
      double[] x1,
      double[] x2,
      double[] x3,
      double[] x4,
      double[] x5,
      double[] x6,
      double[] x7) {
    double f0 = f[0];
    double f1 = f[1];
    double f2 = f[2];
    double f3 = f[3];
    double f4 = f[4];
    double f5 = f[5];
    double f6 = f[6];
    double f7 = f[7];
    for (int j = 0; j < WIDTH; j++) {
      double low = f0 * x0[j] + f1 * x1[j] + f2 * x2[j] + f3 * x3[j];
      double high = f4 * x4[j] + f5 * x5[j] + f6 * x6[j] + f7 * x7[j];
      sum[j] += low + high;
    }
  }
}
