package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Attention over segments against its definition. */
class AttentionTest {
  private static final double TOLERANCE = 2e-6;

  /** A prompt with two children, the second with two of its own, and two sequences alone. */
  private static final Segments FOREST =
      Segments.of(
          new int[] {37, 1, 9, 64, 5, 3, 17},
          new int[] {Segments.NONE, 0, 0, Segments.NONE, 2, 2, Segments.NONE});

  private KernelVariants variants;

  @BeforeEach
  void open() {
    variants = new KernelVariants();
  }

  @AfterEach
  void close() {
    variants.close();
  }

  private static AttentionConfig config(int heads, int keyHeads, int headDim) {
    return new AttentionConfig(heads, keyHeads, headDim, 1 / Math.sqrt(headDim), 0, 0);
  }

  private void check(AttentionConfig config, Segments segments, int... queryRows) {
    check(TOLERANCE, config, segments, queryRows);
  }

  private void check(double tolerance, AttentionConfig config, Segments segments, int[] queryRows) {
    int numQueries = queryRows == null ? segments.numRows() : queryRows.length;
    int columns = config.numHeads() * config.headDim();
    int keyColumns = config.numKeyValueHeads() * config.headDim();
    Tensor q = variants.random(numQueries, columns);
    Tensor k = variants.random(segments.numRows(), keyColumns);
    Tensor v = variants.random(segments.numRows(), keyColumns);
    variants.check(
        tolerance,
        (kernels, out, scratch) ->
            kernels.attention(config, segments, queryRows, q, k, v, out[0], out[1], scratch),
        variants.random(numQueries, columns),
        variants.random(numQueries, config.numHeads()));
    Tensor out = variants.random(numQueries, columns);
    Tensor logSumExp = variants.random(numQueries, config.numHeads());
    variants.fastest().attention(config, segments, queryRows, q, k, v, out, logSumExp, null);
    Tensor dOut = variants.random(numQueries, columns);
    variants.check(
        4 * tolerance,
        (kernels, gradients, scratch) ->
            kernels.attentionBackward(
                config,
                segments,
                queryRows,
                q,
                k,
                v,
                out,
                logSumExp,
                dOut,
                gradients[0],
                gradients[1],
                gradients[2],
                scratch),
        variants.random(numQueries, columns),
        variants.random(segments.numRows(), keyColumns),
        variants.random(segments.numRows(), keyColumns));
  }

  @Test
  void everyHeadDimAgreesWithTheDefinition() {
    for (int headDim : new int[] {1, 4, 8, 16, 64, 80, 96, 128, 256}) {
      check(config(2, 1, headDim), FOREST, (int[]) null);
    }
  }

  @Test
  void everyLengthAgreesWithTheDefinition() {
    for (int length : new int[] {1, 3, 17, 63, 64, 65, 95, 96, 97, 300}) {
      check(config(1, 1, 8), Segments.sequences(length), (int[]) null);
    }
  }

  @Test
  void groupsOfQueryHeadsAgreeWithTheDefinition() {
    check(config(6, 6, 8), FOREST, (int[]) null);
    check(config(6, 2, 8), FOREST, (int[]) null);
    check(config(6, 1, 8), FOREST, (int[]) null);
  }

  @Test
  void slidingWindowsAgreeWithTheDefinition() {
    for (int window : new int[] {1, 2, 40, 96, 97, 1000}) {
      AttentionConfig config = new AttentionConfig(2, 1, 8, 0.3, 0, window);
      check(config, FOREST, (int[]) null);
      check(config, Segments.sequences(250), (int[]) null);
    }
  }

  @Test
  void softCapsAgreeWithTheDefinition() {
    check(new AttentionConfig(2, 1, 16, 2, 3, 0), FOREST, (int[]) null);
    check(new AttentionConfig(2, 1, 16, 2, 3, 20), FOREST, (int[]) null);
  }

  @Test
  void queriesForSomeRowsAgreeWithTheDefinition() {
    check(config(4, 2, 8), FOREST, 0, 36, 37, 110, 111, 135);
    check(config(4, 2, 8), FOREST, 135);
    check(config(4, 2, 8), FOREST, new int[0]);
  }

  @Test
  void moreQueriesThanATaskHoldsAgreeWithTheDefinition() {
    check(config(1, 1, 4), Segments.of(new int[] {300, 290}, new int[] {-1, 0}), (int[]) null);
  }

  @Test
  void scoresFarApartDoNotOverflow() {
    AttentionConfig config = new AttentionConfig(1, 1, 8, 100, 0, 0);
    check(3e-4, config, Segments.sequences(250), null); // scores are in the hundreds
  }

  @Test
  void queryRowsMustAscendWithinTheBatch() {
    AttentionConfig config = config(1, 1, 4);
    Tensor keys = variants.random(FOREST.numRows(), 4);
    Tensor q = variants.random(2, 4);
    Tensor logSumExp = variants.random(2, 1);
    for (int[] rows : new int[][] {{3, 3}, {4, 2}, {-1, 2}, {2, 136}}) {
      assertThrows(
          IllegalArgumentException.class,
          () ->
              variants.fastest().attention(config, FOREST, rows, q, keys, keys, q, logSumExp, null),
          Arrays.toString(rows));
    }
  }

  @Test
  void doublesGoThroughTheDefinition() {
    Tensor q = variants.arena().of(DType.F64, assay.tensor.Shape.of(2, 1), 1, 1);
    Tensor out = variants.arena().empty(DType.F64, 2, 1);
    Tensor logSumExp = variants.arena().empty(DType.F64, 2, 1);
    variants
        .fastest()
        .attention(
            config(1, 1, 1),
            Segments.sequences(2),
            null,
            q,
            q,
            q,
            out,
            logSumExp,
            variants.arena());
    assertArrayEquals(new double[] {1, 1}, out.toDoubles(), 1e-15);
    assertArrayEquals(new double[] {1, 1 + Math.log(2)}, logSumExp.toDoubles(), 1e-15);
  }
}
