package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;

/**
 * The state of a tiny run, all of whose numbers follow from its step, dealt out to ranks by rows.
 */
final class TestState implements AutoCloseable {
  /** Some tensors are of several blocks and some blocks of several tensors. */
  static final int BLOCK_BYTES = 64;

  private final Device device = Device.cpu(1);
  private final TensorArena arena = TensorArena.open(device, "state");
  private final List<TensorRows> tensors = new ArrayList<>();

  TestState() {
    tensors.add(TensorRows.whole("weights/matrix", arena.zeros(DType.F32, 7, 3)));
    tensors.add(TensorRows.whole("m/matrix", arena.zeros(DType.F32, 7, 3)));
    tensors.add(TensorRows.whole("v/matrix", arena.zeros(DType.F32, 7, 3)));
    tensors.add(TensorRows.whole("weights/exact", arena.zeros(DType.F64, 4, 2, 2)));
    tensors.add(TensorRows.whole("weights/scalar", arena.zeros(DType.F32)));
    Tensor high = arena.zeros(DType.BF16, 20);
    Tensor low = arena.empty(DType.I16, Shape.of(20));
    tensors.add(new TensorRows("weights/halves", high.shape(), 0, high, low));
  }

  /** All tensors, whole. */
  List<TensorRows> tensors() {
    return tensors;
  }

  /** The rows of one rank: consecutive, as many as for the others or one more or less. */
  List<TensorRows> rows(int rank, int numRanks) {
    List<TensorRows> rows = new ArrayList<>();
    for (TensorRows tensor : tensors) {
      int numRows = tensor.toRow();
      int from = numRows * rank / numRanks;
      int to = numRows * (rank + 1) / numRanks;
      if (from < to) {
        rows.add(cut(tensor, from, to));
      }
    }
    return rows;
  }

  static TensorRows cut(TensorRows tensor, int from, int to) {
    if (tensor.fullShape().numDims() == 0) {
      return tensor;
    }
    Tensor low = tensor.low() == null ? null : tensor.low().rows(from, to);
    return new TensorRows(
        tensor.name(), tensor.fullShape(), from, tensor.values().rows(from, to), low);
  }

  /** Sets all numbers to those of a step. */
  void set(long step) {
    for (TensorRows tensor : tensors) {
      tensor.copyIn(0, MemorySegment.ofArray(stored(tensor, step)));
    }
  }

  /** The bytes of a whole tensor after a step, of finite numbers. */
  static byte[] stored(TensorRows tensor, long step) {
    byte[] bytes = new byte[Math.toIntExact(tensor.fullShape().size() * tensor.dtype().bytes())];
    new SplittableRandom(step * 31 + tensor.name().hashCode()).nextBytes(bytes);
    int element = tensor.dtype().bytes();
    for (int i = element - 1; i < bytes.length; i += element) {
      bytes[i] = 0x3f; // sign and upper exponent: nothing is infinite
    }
    return bytes;
  }

  /** Fails unless all numbers are those of a step. */
  void assertIs(long step) {
    for (TensorRows tensor : tensors) {
      byte[] expected = stored(tensor, step);
      byte[] found = new byte[expected.length];
      tensor.copyOut(0, MemorySegment.ofArray(found));
      assertArrayEquals(expected, found, tensor.name() + " of step " + step);
    }
  }

  /** Saves the state of a step as so many ranks would. */
  void save(CheckpointFolder folder, long step, int numRanks) {
    set(step);
    folder.begin(step);
    for (int rank = numRanks - 1; rank >= 0; rank--) {
      folder.writer(step, rank, numRanks).write(rows(rank, numRanks));
    }
    commit(folder, step, numRanks);
  }

  static void commit(CheckpointFolder folder, long step, int numRanks) {
    folder.writer(step, 0, numRanks).commit(run(step), OptionalDouble.of(metric(step)));
  }

  static Map<String, Object> run(long step) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("data_position", 17 * step);
    run.put("recipe", "caf\u00e9 \"" + step + "\"\n");
    run.put("tokens", Map.of("seen", 1e18 * step, "padded", 0L));
    return run;
  }

  static double metric(long step) {
    return Math.sin((double) step);
  }

  /** Loads a checkpoint and fails unless it is that of its step. */
  long assertLoads(CheckpointReader checkpoint) {
    set(-1);
    tensors.forEach(checkpoint::read);
    assertIs(checkpoint.step());
    assertEquals(run(checkpoint.step()), checkpoint.run().values());
    assertEquals(OptionalDouble.of(metric(checkpoint.step())), checkpoint.metric());
    return checkpoint.step();
  }

  /** Loads the newest checkpoint and fails unless it is that of its step, which it returns. */
  long assertNewestLoads(CheckpointFolder folder) {
    try (CheckpointReader newest = folder.newest().orElseThrow()) {
      return assertLoads(newest);
    }
  }

  @Override
  public void close() {
    arena.close();
    device.close();
  }
}
