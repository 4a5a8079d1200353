package assay.nn.checkpoint;

import assay.nn.Parameter;
import assay.nn.checkpoint.WeightMatch.Weight;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fills a model's parameters from a checkpoint. */
public final class WeightLoader {
  private static final int CHUNK = 1 << 20; // elements converted at a time

  private WeightLoader() {}

  /**
   * Fills all of a model's parameters; the checkpoint must hold exactly them.
   *
   * @param ignored further names that may be in the checkpoint, such as the head of another task
   * @throws SafetensorsException naming what is missing, unexpected or of another shape
   * @see WeightMatch#match
   */
  public static void loadAll(
      ShardedCheckpoint checkpoint, Collection<Parameter> parameters, Set<String> ignored) {
    List<Weight> needed = parameters.stream().map(p -> new Weight(p.name(), p.shape())).toList();
    Map<String, TensorEntry> entries = WeightMatch.match(checkpoint, needed, ignored);
    for (Parameter parameter : parameters) {
      copy(entries.get(parameter.name()), parameter);
    }
  }

  /** The rows that lie here, some at a time: there is no second copy of the largest tensor. */
  private static void copy(TensorEntry entry, Parameter to) {
    int end = to.values().endRow();
    long rowSize = to.shape().dim(0) == 0 ? 0 : to.shape().size() / to.shape().dim(0);
    int rowsAtOnce = (int) Math.max(1, Math.min(CHUNK / Math.max(1, rowSize), to.shape().dim(0)));
    int[] dims = to.shape().toArray();
    dims[0] = rowsAtOnce;
    try (Arena host = Arena.ofConfined();
        TensorArena scratch = TensorArena.open(to.device(), "scratch")) {
      MemorySegment staging = host.allocate(4L * rowsAtOnce * rowSize, 64);
      Tensor floats = scratch.empty(DType.F32, Shape.of(dims));
      for (int row = to.values().firstRow(); row < end; row += rowsAtOnce) {
        int count = Math.min(rowsAtOnce, end - row);
        MemorySegment chunk = staging.asSlice(0, 4L * count * rowSize);
        entry.elements((long) row * rowSize, count * rowSize).copyAsFloat32(chunk);
        to.device().backend().copyIn(chunk, floats.address());
        to.set(floats.rows(0, count), row);
      }
    }
  }
}
