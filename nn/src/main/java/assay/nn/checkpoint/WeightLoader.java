package assay.nn.checkpoint;

import assay.nn.Parameter;
import assay.nn.checkpoint.WeightMatch.Weight;
import assay.tensor.DType;
import assay.tensor.Tensor;
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
      copy(entries.get(parameter.name()), parameter.value());
    }
  }

  /** Chunk by chunk, so that a model in BF16 needs no second copy of its largest tensor in F32. */
  private static void copy(TensorEntry entry, Tensor to) {
    if (to.dtype() != DType.F32) {
      throw new IllegalArgumentException(entry.name() + ": weights are loaded as F32, not " + to);
    }
    if (entry.dtype().equals("F32")) {
      to.device().backend().copyIn(entry.bytes(), to.address());
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(4L * Math.min(CHUNK, to.size()), 64);
      for (long start = 0; start < to.size(); start += CHUNK) {
        long length = Math.min(CHUNK, to.size() - start);
        MemorySegment chunk = staging.asSlice(0, 4 * length);
        entry.elements(start, length).copyAsFloat32(chunk);
        to.device().backend().copyIn(chunk, to.address() + 4 * start);
      }
    }
  }
}
