package assay.nn.checkpoint;

import assay.nn.Parameter;
import assay.tensor.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Fills a model's parameters from a checkpoint. */
public final class WeightLoader {
  private WeightLoader() {}

  /**
   * Copies the tensor of the parameter's name, converted to F32.
   *
   * @throws SafetensorsException if it is missing or has another shape
   */
  public static void load(ShardedCheckpoint checkpoint, Parameter parameter) {
    TensorEntry entry = checkpoint.entry(parameter.name());
    if (!entry.shape().equals(parameter.shape())) {
      throw new SafetensorsException(
          "%s: tensor %s has shape %s, expected %s"
              .formatted(entry.source(), entry.name(), entry.shape(), parameter.shape()));
    }
    Backend backend = parameter.value().device().backend();
    if (entry.dtype().equals("F32")) {
      backend.copyIn(entry.bytes(), parameter.value().address());
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment converted = arena.allocate(parameter.value().bytes(), 64);
      entry.copyAsFloat32(converted);
      backend.copyIn(converted, parameter.value().address());
    }
  }
}
