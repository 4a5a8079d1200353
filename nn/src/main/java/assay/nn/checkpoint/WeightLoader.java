package assay.nn.checkpoint;

import assay.nn.Parameter;
import assay.nn.checkpoint.WeightMatch.Weight;
import assay.tensor.DType;
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

  /** Chunk by chunk, so that there is no second copy of the largest tensor in F32. */
  private static void copy(TensorEntry entry, Parameter to) {
    Tensor value = to.value();
    if (entry.dtype().equals("F32") && value.dtype() == DType.F32) {
      value.device().backend().copyIn(entry.bytes(), value.address());
      return;
    }
    try (Arena host = Arena.ofConfined();
        TensorArena scratch = TensorArena.open(value.device(), "scratch")) {
      int chunkSize = (int) Math.min(CHUNK, value.size());
      MemorySegment staging = host.allocate(4L * chunkSize, 64);
      Tensor floats = scratch.empty(DType.F32, chunkSize);
      for (long start = 0; start < value.size(); start += CHUNK) {
        int length = (int) Math.min(CHUNK, value.size() - start);
        MemorySegment chunk = staging.asSlice(0, 4L * length);
        entry.elements(start, length).copyAsFloat32(chunk);
        value.device().backend().copyIn(chunk, floats.address());
        to.set(floats.rows(0, length), start, length);
      }
    }
  }
}
