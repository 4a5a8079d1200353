package assay.rm.armorm;

import static assay.rm.armorm.SymmetricMatrix.RUN;
import static assay.rm.armorm.SymmetricMatrix.WIDTH;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The decomposition A = U^T U of a symmetric positive definite matrix, U upper triangular, and the
 * solutions of A x = b that it gives by two substitutions.
 *
 * <p>It takes n^3 / 6 multiply-adds, by panels of {@value SymmetricMatrix#RUN} rows: a panel is
 * decomposed, and its outer products are taken off the rows below in one go, which is where nearly
 * all the work is (Golub and Van Loan, "Matrix Computations", section 4.2).
 */
final class Cholesky {
  private final int n;
  private final double[][][] u; // as SymmetricMatrix.blocks

  private Cholesky(SymmetricMatrix matrix) {
    n = matrix.size();
    u = matrix.blocks();
  }

  /**
   * Decomposes a matrix, in its own memory.
   *
   * @return empty if it is not positive definite, as far as F64 can tell
   */
  static Optional<Cholesky> decompose(SymmetricMatrix matrix) {
    Cholesky result = new Cholesky(matrix);
    for (int start = 0; start < result.n; start += RUN) {
      int end = Math.min(result.n, start + RUN);
      if (!result.eliminatePanel(start, end)) {
        return Optional.empty();
      }
      if (end < result.n) {
        matrix.addProducts(result.panel(start, end), -1, end);
      }
    }
    return Optional.of(result);
  }

  private boolean eliminatePanel(int start, int end) {
    int diagonalBlock = start / WIDTH;
    if (!eliminate(diagonalBlock, start, end)) {
      return false;
    }
    IntStream.range(diagonalBlock + 1, u.length)
        .parallel()
        .forEach(block -> eliminate(block, start, end));
    return true;
  }

  /** Some rows, as {@link SymmetricMatrix#addProducts} wants them. */
  private double[][][] panel(int start, int end) {
    double[][][] panel = new double[u.length][][];
    for (int block = start / WIDTH; block < panel.length; block++) {
      panel[block] = Arrays.copyOfRange(u[block], start, end);
    }
    return panel;
  }

  /**
   * u_k = (a_k - the sum over m < k of u_mk u_m) / u_kk for the panel's rows k and one block's
   * columns; rows above the panel have been taken off already. The block of the diagonal comes
   * first, since the factors u_mk stand there.
   *
   * @return false if a pivot is not positive
   */
  private boolean eliminate(int block, int start, int end) {
    int diagonalBlock = start / WIDTH;
    for (int k = start; k < end; k++) {
      double[] row = u[block][k];
      int column = k % WIDTH;
      for (int m = start; m < k; m++) {
        subtract(row, u[diagonalBlock][m][column], u[block][m]);
      }
      if (block == diagonalBlock) {
        if (!(row[column] > 0)) { // also if it is NaN
          return false;
        }
        double pivot = Math.sqrt(row[column]);
        divide(row, pivot);
        row[column] = pivot;
      } else {
        divide(row, u[diagonalBlock][k][column]);
      }
    }
    return true;
  }

  private static void subtract(double[] from, double factor, double[] row) {
    for (int j = 0; j < WIDTH; j++) {
      from[j] -= factor * row[j];
    }
  }

  private static void divide(double[] row, double divisor) {
    for (int j = 0; j < WIDTH; j++) {
      row[j] /= divisor;
    }
  }

  private double at(int i, int j) {
    return u[j / WIDTH][i][j % WIDTH];
  }

  /** The solution of A x = b: U^T y = b from the top, then U x = y from the bottom. */
  double[] solve(double[] b) {
    double[] x = b.clone();
    for (int i = 0; i < n; i++) {
      x[i] /= at(i, i);
      for (int j = i + 1; j < n; j++) {
        x[j] -= at(i, j) * x[i];
      }
    }
    for (int i = n - 1; i >= 0; i--) {
      double sum = x[i];
      for (int j = i + 1; j < n; j++) {
        sum -= at(i, j) * x[j];
      }
      x[i] = sum / at(i, i);
    }
    return x;
  }
}
