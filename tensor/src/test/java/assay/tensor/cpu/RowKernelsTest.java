package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.tensor.ActivationKind;
import assay.tensor.AdamWStep;
import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The fused row and element kernels against their default bodies. They are given no scratch, so
 * they take none.
 */
class RowKernelsTest {
  private static final double TOLERANCE = 2e-6;
  private static final int[] ROWS = {1, 3, 65, 200};
  private static final int[] COLUMNS = {1, 3, 17, 63, 64, 65, 1000};

  private KernelVariants variants;

  @BeforeEach
  void open() {
    variants = new KernelVariants();
  }

  @AfterEach
  void close() {
    variants.close();
  }

  private interface Sizes {
    void check(int rows, int columns);
  }

  private static void forSizes(Sizes sizes) {
    for (int columns : COLUMNS) {
      for (int rows : columns == 1000 ? new int[] {3} : ROWS) {
        sizes.check(rows, columns);
      }
    }
  }

  @Test
  void softmaxAgreesWithItsDefinition() {
    forSizes(
        (rows, columns) -> {
          Tensor x = variants.random(rows, columns);
          variants.check(
              TOLERANCE,
              (kernels, out, scratch) -> kernels.softmax(x, out[0], scratch),
              variants.random(rows, columns));
        });
  }

  @Test
  void softmaxOfHugeAndOfMinusInfiniteScoresIsExact() {
    Tensor x = variants.arena().empty(DType.F32, 1, 4);
    x.copyFrom(3e38f, Float.NEGATIVE_INFINITY, 3e38f, -3e38f);
    variants.check(
        0, (kernels, out, scratch) -> kernels.softmax(x, out[0], scratch), variants.random(1, 4));
  }

  @Test
  void softmaxBackwardAgreesWithItsDefinition() {
    forSizes(
        (rows, columns) -> {
          Tensor y = variants.random(rows, columns);
          Tensor dy = variants.random(rows, columns);
          variants.check(
              TOLERANCE,
              (kernels, out, scratch) -> kernels.softmaxBackward(y, dy, out[0], scratch),
              variants.random(rows, columns));
        });
  }

  @Test
  void rmsNormAgreesWithItsDefinition() {
    forSizes(
        (rows, columns) -> {
          Tensor x = variants.random(rows, columns);
          Tensor weight = variants.random(columns);
          variants.check(
              TOLERANCE,
              (kernels, out, scratch) ->
                  kernels.rmsNorm(x, weight, 1, 1e-5, out[0], out[1], scratch),
              variants.random(rows, columns),
              variants.random(rows, 1));
        });
  }

  @Test
  void rmsNormBackwardAgreesWithItsDefinition() {
    forSizes(
        (rows, columns) -> {
          Tensor x = variants.random(rows, columns);
          Tensor weight = variants.random(columns);
          Tensor inverseRms = variants.random(rows, 1);
          Tensor dy = variants.random(rows, columns);
          variants.check(
              TOLERANCE,
              (kernels, out, scratch) ->
                  kernels.rmsNormBackward(x, weight, 1, inverseRms, dy, out[0], out[1], scratch),
              variants.random(rows, columns),
              variants.random(columns));
          variants.check(
              TOLERANCE,
              (kernels, out, scratch) ->
                  kernels.rmsNormBackward(x, weight, 0, inverseRms, dy, out[0], null, scratch),
              variants.random(rows, columns));
        });
  }

  @Test
  void aRowOfRmsNormDoesNotDependOnItsBatch() {
    Tensor x = variants.random(100, 65);
    Tensor weight = variants.random(65);
    Tensor all = variants.random(100, 65);
    Tensor alone = variants.random(1, 65);
    CpuKernels kernels = variants.fastest();
    kernels.rmsNorm(x, weight, 0, 1e-5, all, variants.random(100, 1), null);
    kernels.rmsNorm(x.rows(77, 78), weight, 0, 1e-5, alone, variants.random(1, 1), null);
    assertArrayEquals(alone.toFloats(), all.rows(77, 78).toFloats());
  }

  @Test
  void ropeAgreesWithItsDefinition() {
    for (int headDim : new int[] {2, 4, 8, 16, 64, 80, 96, 128, 256}) {
      for (int rows : ROWS) {
        Tensor x = variants.random(rows, 3 * headDim);
        Tensor cos = variants.random(rows, headDim / 2);
        Tensor sin = variants.random(rows, headDim / 2);
        for (boolean inverse : new boolean[] {false, true}) {
          variants.check(
              TOLERANCE,
              (kernels, out, scratch) ->
                  kernels.rope(x, cos, sin, headDim, inverse, out[0], scratch),
              variants.random(rows, 3 * headDim));
        }
      }
    }
  }

  @Test
  void ropeMayWriteOverItsInput() {
    Tensor cos = variants.random(5, 8);
    Tensor sin = variants.random(5, 8);
    variants.check(
        TOLERANCE,
        (kernels, out, scratch) -> kernels.rope(out[0], cos, sin, 16, false, out[0], scratch),
        variants.random(5, 64));
  }

  @Test
  void gatedActivationsAgreeWithTheirDefinitions() {
    for (ActivationKind kind : ActivationKind.values()) {
      forSizes(
          (rows, columns) -> {
            Tensor gate = variants.random(rows, columns);
            Tensor up = variants.random(rows, columns);
            variants.check(
                TOLERANCE,
                (kernels, out, scratch) -> kernels.gatedActivation(kind, gate, up, out[0], scratch),
                variants.random(rows, columns));
          });
    }
  }

  @Test
  void gatedActivationGradientsAgreeWithTheirDefinitions() {
    for (ActivationKind kind : ActivationKind.values()) {
      forSizes(
          (rows, columns) -> {
            Tensor gate = variants.random(rows, columns);
            Tensor up = variants.random(rows, columns);
            Tensor dy = variants.random(rows, columns);
            variants.check(
                TOLERANCE,
                (kernels, out, scratch) ->
                    kernels.gatedActivationBackward(kind, gate, up, dy, out[0], out[1], scratch),
                variants.random(rows, columns),
                variants.random(rows, columns));
          });
    }
  }

  @Test
  void gatesFarFromZeroStayFinite() {
    Tensor gate =
        variants.arena().empty(DType.F32, 6).copyFrom(-1e30f, -200f, -90f, 90f, 200f, 1e12f);
    Tensor ones = variants.arena().empty(DType.F32, 6).copyFrom(1f, 1f, 1f, 1f, 1f, 1f);
    for (ActivationKind kind : ActivationKind.values()) {
      Tensor out = variants.random(6);
      variants.fastest().gatedActivation(kind, gate, ones, out, null);
      for (float value : out.toFloats()) {
        assertEquals(true, Float.isFinite(value), kind + " " + Arrays.toString(out.toFloats()));
      }
    }
  }

  @Test
  void adamWGivesTheBitsOfItsDefinition() {
    AdamWStep step = new AdamWStep(1e-3, 0.9, 0.95, 1e-8, 0.1, 0.37, 3);
    for (int size : new int[] {1, 17, 1000, 20_000}) {
      Tensor gradient = variants.random(size);
      Tensor v = variants.random(size);
      variants.fastest().backend().binary(BinaryKind.MULTIPLY, v, v, v);
      variants.check(
          0,
          (kernels, out, scratch) -> kernels.adamW(step, out[0], gradient, out[1], out[2], scratch),
          variants.random(size),
          variants.random(size),
          v);
    }
  }

  @Test
  void sumsOfSquaresAgreeWithTheirDefinition() {
    for (int columns : new int[] {1, 3, 17, 1000, 1025, 200_000}) {
      Tensor x = variants.random(5, columns);
      double[] expected = new double[5];
      float[] values = x.toFloats();
      for (int i = 0; i < values.length; i++) {
        expected[i / columns] += (double) values[i] * values[i];
      }
      Tensor out = variants.arena().empty(DType.F64, 5);
      variants.fastest().sumsOfSquares(x, out, null);
      for (int row = 0; row < 5; row++) {
        assertEquals(expected[row], out.toDoubles()[row], 1e-12 * expected[row]);
      }
    }
  }

  @Test
  void aRowsSumOfSquaresDoesNotDependOnTheOtherRows() {
    for (int columns : new int[] {1, 17, 576, 1536}) {
      Tensor x = variants.random(40, columns);
      Tensor all = variants.arena().empty(DType.F64, 40);
      Tensor some = variants.arena().empty(DType.F64, 7);
      variants.fastest().sumsOfSquares(x, all, null);
      variants.fastest().sumsOfSquares(x.rows(20, 27), some, null);
      assertArrayEquals(all.rows(20, 27).toDoubles(), some.toDoubles());
    }
  }

  @Test
  void binaryScalarGivesTheBitsOfItsDefinition() {
    for (BinaryKind kind : BinaryKind.values()) {
      Tensor x = variants.random(1000);
      variants.check(
          0,
          (kernels, out, scratch) -> kernels.binaryScalar(kind, x, 0.3, out[0], scratch),
          variants.random(1000));
    }
  }

  @Test
  void shapesThatDoNotGoTogetherAreRefused() {
    Tensor x = variants.random(4, 6);
    Tensor weight = variants.random(5);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            variants
                .fastest()
                .rmsNorm(x, weight, 0, 1e-5, variants.copy(x), variants.random(4, 1), null));
    assertThrows(
        IllegalArgumentException.class,
        () -> variants.fastest().softmax(x, variants.random(6, 4), null));
  }
}
