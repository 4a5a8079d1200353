package assay.nn;

import assay.tensor.DType;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.HashMap;
import java.util.Map;

/**
 * What all layers need to know of a packed batch: how its rows belong together, which rows are
 * read, and their rotary angles. Lives in the step's arena.
 */
final class PackedContext {
  private final Segments segments;
  private final int[] readRows;
  private final Tensor readRowIndices;
  private final Map<RopeConfig, RotaryAngles> allAngles = new HashMap<>();
  private final Map<RopeConfig, RotaryAngles> readAngles = new HashMap<>();

  /**
   * @param dtype of the angles
   * @param readRows ascending, or null for all rows
   */
  PackedContext(
      TensorArena arena, DType dtype, TransformerConfig config, Segments segments, int[] readRows) {
    this.segments = segments;
    this.readRows = readRows;
    this.readRowIndices = readRows == null ? null : arena.ints(readRows);
    int headDim = config.headDim();
    for (LayerConfig layer : config.layers()) {
      allAngles.computeIfAbsent(
          layer.rope(), rope -> RotaryAngles.of(arena, dtype, rope, headDim, segments.positions()));
    }
    if (readRows != null) {
      int[] positions = new int[readRows.length];
      for (int i = 0; i < readRows.length; i++) {
        positions[i] = segments.position(readRows[i]);
      }
      RopeConfig last = config.layers().getLast().rope();
      readAngles.put(last, RotaryAngles.of(arena, dtype, last, headDim, positions));
    }
  }

  Segments segments() {
    return segments;
  }

  /** The rows whose final state is wanted; null for all. */
  int[] readRows() {
    return readRows;
  }

  /** {@link #readRows} on the device. */
  Tensor readRowIndices() {
    return readRowIndices;
  }

  RotaryAngles angles(RopeConfig rope) {
    return allAngles.get(rope);
  }

  /** Angles of the read rows, for the last layer's queries. */
  RotaryAngles readAngles(RopeConfig rope) {
    return readAngles.get(rope);
  }
}
