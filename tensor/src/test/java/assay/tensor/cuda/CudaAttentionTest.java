package assay.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Segments;
import assay.tensor.cuda.AttentionPlan.Pass;
import assay.tensor.cuda.AttentionRuns.Inputs;
import assay.tensor.cuda.AttentionRuns.Question;
import assay.tensor.cuda.AttentionRuns.Tolerance;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every version of attention on a GPU against the definition in F64. */
@Tag("gpu")
class CudaAttentionTest {
  private static final Tolerance F64_TOLERANCE = new Tolerance(1e-14, 1e-14, 1e-13);

  private static final Tolerance F32_TOLERANCE = new Tolerance(2e-6, 1e-6, 8e-6);

  /**
   * Rounding to bfloat16 is off by up to 2^-9 of a number. It happens to P and out; on the way back
   * to P, dS and the gradients, and out's error comes into each dS through delta. logSumExp is
   * float, and made of exact products.
   */
  private static final Tolerance BF16_TOLERANCE =
      new Tolerance(Math.pow(2, -8), 1e-6, Math.pow(2, -6));

  /** A prompt with two children, the second with two of its own, and two sequences alone. */
  private static final Segments FOREST =
      Segments.of(
          new int[] {37, 1, 9, 64, 5, 3, 17},
          new int[] {Segments.NONE, 0, 0, Segments.NONE, 2, 2, Segments.NONE});

  private static AttentionRuns runs;

  @BeforeAll
  static void open() {
    runs = new AttentionRuns();
  }

  @AfterAll
  static void close() {
    runs.close();
  }

  private static AttentionConfig config(int heads, int keyHeads, int headDim) {
    return new AttentionConfig(heads, keyHeads, headDim, 1 / Math.sqrt(headDim), 0, 0);
  }

  /** All versions: 1 and 2 in F32, 1 to 3 in BF16 (for heads of a multiple of 16 columns). */
  private static void checkAll(AttentionConfig config, Segments segments, int... queryRows) {
    runs.check(DType.F32, F32_TOLERANCE, new Question(config, segments, queryRows), 1, 2);
    checkBf16(config, segments, queryRows, 1, 2, 3);
  }

  private static void checkBf16(
      AttentionConfig config, Segments segments, int[] queryRows, int... versions) {
    runs.check(DType.BF16, BF16_TOLERANCE, new Question(config, segments, queryRows), versions);
  }

  @Test
  void everyHeadDimAgreesWithTheDefinition() {
    for (int headDim : new int[] {8, 64, 80, 128, 256}) {
      Question question = new Question(config(1, 1, headDim), FOREST, null);
      runs.check(DType.F32, F32_TOLERANCE, question, 1, 2);
    }
    for (int headDim : new int[] {64, 80, 96, 128, 256}) {
      checkBf16(config(1, 1, headDim), FOREST, null, 1, 3);
    }
  }

  @Test
  void doublesAgreeWithTheDefinition() {
    runs.check(DType.F64, F64_TOLERANCE, new Question(config(2, 1, 7), FOREST, null), 1, 2);
    AttentionConfig all = new AttentionConfig(2, 1, 7, 0.7, 3, 20);
    runs.check(DType.F64, F64_TOLERANCE, new Question(all, FOREST, null), 1, 2);
  }

  @Test
  void everyLengthAgreesWithTheDefinition() {
    for (int length : new int[] {1, 3, 17, 63, 64, 65, 130}) {
      checkAll(config(1, 1, 16), Segments.sequences(length), (int[]) null);
    }
  }

  @Test
  void groupsOfQueryHeadsAgreeWithTheDefinition() {
    checkAll(config(2, 2, 16), FOREST, (int[]) null);
    checkAll(config(6, 2, 16), FOREST, (int[]) null);
    checkAll(config(4, 1, 16), FOREST, (int[]) null);
  }

  @Test
  void slidingWindowsAgreeWithTheDefinition() {
    for (int window : new int[] {1, 20, 64, 65, 1000}) {
      AttentionConfig config = new AttentionConfig(1, 1, 16, 0.25, 0, window);
      checkAll(config, FOREST, (int[]) null);
    }
    AttentionConfig config = new AttentionConfig(1, 1, 16, 0.25, 0, 30);
    checkAll(config, Segments.sequences(250), (int[]) null);
  }

  @Test
  void softCapsAgreeWithTheDefinition() {
    checkAll(new AttentionConfig(2, 1, 16, 0.8, 3, 0), FOREST, (int[]) null);
    checkAll(new AttentionConfig(2, 1, 16, 0.8, 3, 20), FOREST, (int[]) null);
  }

  @Test
  void queriesForSomeRowsAgreeWithTheDefinition() {
    checkAll(config(2, 1, 16), FOREST, 0, 36, 37, 110, 111, 135);
    checkAll(config(2, 1, 16), FOREST, IntStream.range(0, 136).filter(i -> i % 3 > 0).toArray());
    checkAll(config(2, 1, 16), FOREST, 135);
    checkAll(config(2, 1, 16), FOREST, new int[0]);
  }

  @Test
  void oneQueryForEachSegmentAgreesWithTheDefinition() {
    int[] last = IntStream.range(0, FOREST.count()).map(s -> FOREST.end(s) - 1).toArray();
    checkAll(config(2, 1, 16), FOREST, last);
  }

  @Test
  void scoresFarApartDoNotOverflow() {
    AttentionConfig config = new AttentionConfig(1, 1, 16, 20, 0, 0); // scores are in the hundreds
    Question question = new Question(config, Segments.sequences(130), null);
    runs.check(DType.F32, F32_TOLERANCE.times(100), question, 1, 2);
    runs.check(DType.BF16, BF16_TOLERANCE.times(4), question, 1, 2, 3);
  }

  @Test
  void theSameInputGivesTheSameBits() {
    Question question = new Question(config(4, 2, 16), FOREST, null);
    for (int version = 1; version <= 3; version++) {
      Inputs inputs = runs.inputs(DType.BF16, question);
      double[][] first = runs.run(version, DType.BF16, question, inputs);
      assertArrayEquals(first, runs.run(version, DType.BF16, question, inputs));
    }
  }

  @Test
  void aSharedPromptGivesTheBitsOfTwoCopies() {
    int prompt = 70;
    AttentionConfig config = new AttentionConfig(2, 1, 16, 0.25, 0, 45);
    Segments tree = Segments.of(new int[] {prompt, 20, 61}, new int[] {Segments.NONE, 0, 0});
    Segments copies = Segments.sequences(prompt + 20, prompt + 61);
    Question shared = new Question(config, tree, null);
    int[] rowInTree =
        IntStream.concat(
                IntStream.range(0, prompt + 20),
                IntStream.concat(IntStream.range(0, prompt), IntStream.range(prompt + 20, 151)))
            .toArray();
    for (int version = 1; version <= 3; version++) {
      Inputs inputs = runs.inputs(DType.BF16, shared);
      double[][] expected = runs.run(version, DType.BF16, shared, inputs);
      double[][] found =
          runs.run(
              version,
              DType.BF16,
              new Question(config, copies, null),
              new Inputs(
                  rows(inputs.q(), rowInTree, tree),
                  rows(inputs.k(), rowInTree, tree),
                  rows(inputs.v(), rowInTree, tree),
                  rows(inputs.dOut(), rowInTree, tree)));
      for (int i = 0; i < 3; i++) { // out, logSumExp, dq
        assertArrayEquals(rows(expected[i], rowInTree, tree), found[i], "version " + version);
      }
    }
  }

  private static double[] rows(double[] x, int[] rows, Segments segments) {
    int columns = x.length / segments.numRows();
    return Arrays.stream(rows)
        .mapToObj(row -> Arrays.copyOfRange(x, row * columns, (row + 1) * columns))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  @Test
  void theNewestVersionThatFitsIsTaken() {
    int ample = 232_448;
    assertEquals(3, version(64, DType.BF16, ample));
    assertEquals(3, version(192, DType.BF16, ample));
    assertEquals(2, version(72, DType.BF16, ample)); // no multiple of 16
    assertEquals(2, version(144, DType.BF16, ample)); // halves that are no multiple of 16
    assertEquals(2, version(64, DType.F32, ample));
    assertEquals(2, version(256, DType.F64, ample));
    assertEquals(1, version(256, DType.F64, 99 * 1024));
    assertThrows(IllegalArgumentException.class, () -> version(257, DType.F32, ample));
  }

  private static int version(int headDim, DType dtype, int sharedBytes) {
    AttentionConfig config = config(2, 1, headDim);
    return AttentionPlan.of(Pass.BACKWARD, config, dtype, 3, sharedBytes).version();
  }

  @Test
  void layersOfAStepShareAnIndex() {
    try (AttentionIndexes indexes = new AttentionIndexes(runs.gpu.backend())) {
      AttentionConfig config = config(2, 1, 64);
      int[] rows = {3, 5};
      AttentionIndexes.Entry all = indexes.get(config, FOREST, null, 64);
      AttentionIndexes.Entry some = indexes.get(config, FOREST, rows, 64);
      assertNotSame(all, some);
      assertSame(all, indexes.get(config(4, 1, 80), FOREST, null, 64));
      assertSame(some, indexes.get(config, FOREST, rows.clone(), 64));
      rows[1] = 6;
      assertNotSame(some, indexes.get(config, FOREST, rows, 64));
      assertEquals(1, indexes.get(config, Segments.sequences(9), null, 64).numQueryTiles());
    }
  }
}
