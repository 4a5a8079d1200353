package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.ArmoRmOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Stage 1 against scikit-learn, and the linear algebra under it. */
class RidgeRegressionTest {
  @Test
  void weightsAlphasAndErrorsAreThoseOfScikitLearn() {
    try (Goldens golden = new Goldens("armorm")) {
      float[][] x = toFloats(golden.rows("ridge.x"));
      float[][] y = toFloats(golden.rows("ridge.y"));
      BitSet heldOut = new BitSet();
      heldOut.set(golden.ints("ridge.train_rows")[0], x.length);
      List<Double> alphas = ArmoRmOptions.ALPHAS;
      RidgeRegression.Fit fit = RidgeRegression.fit(EmbeddedRows.of(x), y, heldOut, alphas);
      double[][] errors = golden.rows("ridge.validation_mse");
      double[][] weights = golden.rows("ridge.weight");
      for (int k = 0; k < weights.length; k++) {
        assertEquals(golden.doubles("ridge.best_alpha")[k], fit.alphas()[k], 1e-6);
        assertArrayEquals(errors[k], fit.errors()[k], 1e-5);
        assertArrayEquals(weights[k], fit.weights()[k], 1e-5);
      }
    }
  }

  /** Sizes around the width of a block and the rows of a run. */
  @Property(tries = 15)
  void sumsAndSolutionsAreThoseOfTheTextbook(
      @ForAll @IntRange(min = 1, max = 300) int n,
      @ForAll @IntRange(min = 1, max = 300) int numRows,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[][] x = new float[numRows][n];
    Arrays.stream(x).forEach(row -> fill(row, random));
    SymmetricMatrix matrix = new SymmetricMatrix(n);
    for (int start = 0; start < numRows; start += SymmetricMatrix.RUN) {
      int end = Math.min(numRows, start + SymmetricMatrix.RUN);
      matrix.addOuterProducts(Arrays.copyOfRange(x, start, end));
    }
    matrix.addToDiagonal(0.5);
    double[] b = random.doubles(n, -1, 1).toArray();
    double[] solution = Cholesky.decompose(matrix).orElseThrow().solve(b);
    double[] xw = new double[numRows];
    for (int i = 0; i < numRows; i++) {
      xw[i] = RidgeRegression.dot(solution, x[i]);
    }
    for (int j = 0; j < n; j++) {
      double product = 0.5 * solution[j]; // (X^T X + 0.5 I) w
      for (int i = 0; i < numRows; i++) {
        product += x[i][j] * xw[i];
      }
      assertEquals(b[j], product, 1e-9);
    }
  }

  @Test
  void aMatrixThatIsNotPositiveDefiniteHasNoDecomposition() {
    SymmetricMatrix matrix = new SymmetricMatrix(3);
    matrix.addOuterProducts(new float[][] {{1, 2, 3}});
    matrix.addToDiagonal(-1);
    assertEquals(Optional.empty(), Cholesky.decompose(matrix));
  }

  @Test
  void theOrderInWhichBlocksArriveDoesNotMatterForMasksThatDiffer() {
    Random random = new Random(3);
    float[][] x = new float[500][40];
    Arrays.stream(x).forEach(row -> fill(row, random));
    float[][] y = new float[500][3];
    for (int i = 0; i < y.length; i++) {
      fill(y[i], random);
      y[i][2] = i % 3 == 0 ? Float.NaN : y[i][2];
    }
    BitSet heldOut = new BitSet();
    heldOut.set(0, 100);
    RidgeRegression.Fit whole =
        RidgeRegression.fit(EmbeddedRows.of(x), y, heldOut, ArmoRmOptions.ALPHAS);
    RidgeRegression.Fit inBlocks =
        RidgeRegression.fit(new Blocks(x, 7), y, heldOut, ArmoRmOptions.ALPHAS);
    assertArrayEquals(whole.weights(), inBlocks.weights()); // to the last bit
    assertArrayEquals(new int[] {400, 400, 267}, whole.trainingRatings());
    assertArrayEquals(new int[] {100, 100, 66}, whole.heldOutRatings());
  }

  @Test
  void anAttributeThatIsALinearFunctionIsFound() {
    Random random = new Random(5);
    float[][] x = new float[300][20];
    Arrays.stream(x).forEach(row -> fill(row, random));
    float[][] y = new float[300][1];
    for (int i = 0; i < y.length; i++) {
      y[i][0] = 2 * x[i][3] - x[i][7];
    }
    BitSet heldOut = new BitSet();
    heldOut.set(200, 300);
    RidgeRegression.Fit fit =
        RidgeRegression.fit(EmbeddedRows.of(x), y, heldOut, ArmoRmOptions.ALPHAS);
    assertEquals(1, fit.spearman()[0], 1e-3);
    assertEquals(1e-4, fit.alphas()[0]);
    assertEquals(2, fit.weights()[0][3], 1e-4);
    assertTrue(fit.error(0) < 1e-8, "error " + fit.error(0));
  }

  /** Rows that come a few at a time, as from a disk. */
  private record Blocks(float[][] x, int rows) implements EmbeddedRows {
    @Override
    public int numRows() {
      return x.length;
    }

    @Override
    public int hiddenSize() {
      return x[0].length;
    }

    @Override
    public void forEach(Visitor visitor) {
      for (int start = 0; start < x.length; start += rows) {
        visitor.visit(start, Arrays.copyOfRange(x, start, Math.min(x.length, start + rows)));
      }
    }
  }

  private static void fill(float[] row, Random random) {
    for (int j = 0; j < row.length; j++) {
      row[j] = (float) random.nextGaussian();
    }
  }

  static float[][] toFloats(double[][] rows) {
    List<float[]> result = new ArrayList<>();
    for (double[] row : rows) {
      float[] floats = new float[row.length];
      for (int j = 0; j < row.length; j++) {
        floats[j] = (float) row[j];
      }
      result.add(floats);
    }
    return result.toArray(float[][]::new);
  }
}
