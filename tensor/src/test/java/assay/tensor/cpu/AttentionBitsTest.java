package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * A query's output depends on its path alone: to share a prompt, to batch, to ask for few rows or
 * to take more threads changes no bit.
 */
class AttentionBitsTest {
  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int HEAD_DIM = 8;

  /** In a forest, every row's output is what its path gives as one whole sequence, alone. */
  @Property(tries = 60)
  void aForestGivesTheBitsOfItsPathsAsWholeSequences(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9) int numSegments,
      @ForAll @IntRange(min = 1, max = 3) int numThreads,
      @ForAll @IntRange(min = 0, max = 2) int variant) {
    SplittableRandom random = new SplittableRandom(seed);
    Segments forest = randomForest(random, numSegments);
    AttentionConfig config =
        new AttentionConfig(
            HEADS,
            KEY_HEADS,
            HEAD_DIM,
            1,
            variant == 1 ? 4 : 0,
            variant == 2 ? 1 + random.nextInt(150) : 0);
    int[] queryRows = randomRows(random, forest.numRows());
    try (Batch batch = new Batch(numThreads, random, forest.numRows())) {
      float[][] all = batch.attention(config, forest, null, allRows(forest.numRows()));
      float[][] some = batch.attention(config, forest, queryRows, allRows(forest.numRows()));
      for (int i = 0; i < queryRows.length; i++) {
        assertRow(all, queryRows[i], some, i, "query for row " + queryRows[i]);
      }
      for (int s = 0; s < forest.count(); s++) {
        int[] path = forest.pathRows(s);
        float[][] alone = batch.attention(config, Segments.sequences(path.length), null, path);
        for (int position = 0; position < path.length; position++) {
          assertRow(alone, position, all, path[position], "segment " + s + " of " + forest);
        }
      }
    }
  }

  private static void assertRow(float[][] a, int rowOfA, float[][] b, int rowOfB, String name) {
    assertEquals(row(a[0], rowOfA, HEADS * HEAD_DIM), row(b[0], rowOfB, HEADS * HEAD_DIM), name);
    assertEquals(row(a[1], rowOfA, HEADS), row(b[1], rowOfB, HEADS), name);
  }

  private static List<Float> row(float[] values, int row, int columns) {
    List<Float> list = new ArrayList<>();
    for (int i = 0; i < columns; i++) {
      list.add(values[row * columns + i]);
    }
    return list;
  }

  private static Segments randomForest(SplittableRandom random, int count) {
    int[] lengths = new int[count];
    int[] parents = new int[count];
    for (int s = 0; s < count; s++) {
      lengths[s] = 1 + random.nextInt(random.nextBoolean() ? 8 : 130);
      parents[s] = random.nextInt(s + 1) - 1;
    }
    return Segments.of(lengths, parents);
  }

  private static int[] allRows(int numRows) {
    int[] rows = new int[numRows];
    Arrays.setAll(rows, i -> i);
    return rows;
  }

  private static int[] randomRows(SplittableRandom random, int numRows) {
    return Arrays.stream(allRows(numRows)).filter(row -> random.nextInt(4) == 0).toArray();
  }

  /** Random queries, keys and values, of which calls may take any rows. */
  private static final class Batch implements AutoCloseable {
    private final Device device;
    private final TensorArena arena;
    private final Tensor q;
    private final Tensor k;
    private final Tensor v;

    Batch(int numThreads, SplittableRandom random, int numRows) {
      device = Device.cpu(numThreads);
      arena = TensorArena.open(device, "batch");
      q = random(random, numRows, HEADS * HEAD_DIM);
      k = random(random, numRows, KEY_HEADS * HEAD_DIM);
      v = random(random, numRows, KEY_HEADS * HEAD_DIM);
    }

    private Tensor random(SplittableRandom random, int rows, int columns) {
      float[] values = new float[rows * columns];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return arena.empty(DType.F32, rows, columns).copyFrom(values);
    }

    /** Outputs and logSumExp of a batch made up of these rows. */
    float[][] attention(AttentionConfig config, Segments segments, int[] queryRows, int[] rows) {
      int numQueries = queryRows == null ? rows.length : queryRows.length;
      try (TensorArena call = TensorArena.open(device, "call")) {
        Tensor keys = gather(call, k, rows);
        Tensor values = gather(call, v, rows);
        Tensor all = gather(call, q, rows);
        Tensor queries = queryRows == null ? all : gather(call, all, queryRows);
        Tensor out = call.empty(DType.F32, numQueries, HEADS * HEAD_DIM);
        Tensor logSumExp = call.empty(DType.F32, numQueries, HEADS);
        device
            .kernels()
            .attention(config, segments, queryRows, queries, keys, values, out, logSumExp, null);
        return new float[][] {out.toFloats(), logSumExp.toFloats()};
      }
    }

    private Tensor gather(TensorArena call, Tensor x, int[] rows) {
      Tensor out = call.empty(DType.F32, rows.length, x.numColumns());
      device.backend().gather(x, call.ints(rows), out);
      return out;
    }

    @Override
    public void close() {
      arena.close();
      device.close();
    }
  }
}
