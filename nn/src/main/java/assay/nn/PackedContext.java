package assay.nn;

import assay.tensor.DType;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What all layers need to know of a packed batch: how its rows belong together, which are computed
 * and which are read, and their rotary angles. Lives in the step's arena.
 */
final class PackedContext {
  private final Segments segments;
  private final KeyValueCache cache;
  private final int[] rows;
  private final int[] readRows;
  private final Tensor readRowIndices;
  private final Map<RopeConfig, RotaryAngles> allAngles = new HashMap<>();
  private final Map<RopeConfig, RotaryAngles> readAngles = new HashMap<>();

  private PackedContext(
      TensorArena arena,
      DType dtype,
      TransformerConfig config,
      Segments segments,
      KeyValueCache cache,
      int[] rows,
      int[] readRows) {
    this.segments = segments;
    this.cache = cache;
    this.rows = rows;
    this.readRows = readRows;
    this.readRowIndices = readRows == null ? null : arena.ints(indices(rows, readRows));
    int headDim = config.headDim();
    int[] positions = positions(segments, rows);
    for (LayerConfig layer : config.layers()) {
      allAngles.computeIfAbsent(
          layer.rope(), rope -> RotaryAngles.of(arena, dtype, rope, headDim, positions));
    }
    if (readRows != null) {
      RopeConfig last = config.layers().getLast().rope();
      readAngles.put(
          last, RotaryAngles.of(arena, dtype, last, headDim, positions(segments, readRows)));
    }
  }

  /**
   * All rows of a layout at once.
   *
   * @param dtype of the angles
   * @param readRows ascending, or null for all rows
   */
  static PackedContext of(
      TensorArena arena, DType dtype, TransformerConfig config, Segments segments, int[] readRows) {
    return new PackedContext(arena, dtype, config, segments, null, null, readRows);
  }

  /**
   * Some rows of a cache's layout, after those that it holds.
   *
   * @param rows that are computed, ascending
   * @param readRows of these, ascending, or null for all of them
   */
  static PackedContext cached(
      TensorArena arena,
      DType dtype,
      TransformerConfig config,
      KeyValueCache cache,
      int[] rows,
      int[] readRows) {
    return new PackedContext(arena, dtype, config, cache.layout(), cache, rows, readRows);
  }

  private static int[] positions(Segments segments, int[] rows) {
    return rows == null
        ? segments.positions()
        : Arrays.stream(rows).map(segments::position).toArray();
  }

  /** Where the read rows stand among those that are computed. */
  private static int[] indices(int[] rows, int[] readRows) {
    if (rows == null) {
      return readRows;
    }
    int[] indices = new int[readRows.length];
    for (int i = 0; i < readRows.length; i++) {
      indices[i] = Arrays.binarySearch(rows, readRows[i]);
      if (indices[i] < 0) {
        throw new IllegalArgumentException("row " + readRows[i] + " is read but not computed");
      }
    }
    return indices;
  }

  Segments segments() {
    return segments;
  }

  /** Holds the keys and values of all rows of the segments; null if all are computed now. */
  KeyValueCache cache() {
    return cache;
  }

  /** The rows of the segments that are computed; null for all. */
  int[] rows() {
    return rows;
  }

  /** The rows of the segments whose final state is wanted; null for all that are computed. */
  int[] readRows() {
    return readRows;
  }

  /** The place of each read row among those that are computed, on the device. */
  Tensor readRowIndices() {
    return readRowIndices;
  }

  /** Angles of the rows that are computed. */
  RotaryAngles angles(RopeConfig rope) {
    return allAngles.get(rope);
  }

  /** Angles of the read rows, for the last layer's queries. */
  RotaryAngles readAngles(RopeConfig rope) {
    return readAngles.get(rope);
  }
}
