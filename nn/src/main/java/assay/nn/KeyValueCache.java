package assay.nn;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Segments;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Keys and values of the tokens that a transformer has read, so that the next token costs one row
 * and not the whole sequence again.
 *
 * <p>The layout is fixed when the cache is made: each segment has as many rows as it may ever get.
 * Nothing else is needed. A key is visible only to rows that come after it on the same path, so
 * attention over the whole layout never looks at a row that is still empty; and several answers to
 * one prompt are children of one segment here as they are in training.
 *
 * <p>Each layer holds K keys and K values, K rows of the layout: {@code [K, kv]}.
 */
public final class KeyValueCache implements AutoCloseable {
  private final Segments layout;
  private final TensorArena arena;
  private final List<Tensor> keys = new ArrayList<>(); // [K, kv], of each layer
  private final List<Tensor> values = new ArrayList<>(); // [K, kv], of each layer
  private final BitSet filled = new BitSet(); // rows

  KeyValueCache(TransformerConfig config, Segments layout, Device device, DType dtype) {
    this.layout = layout;
    arena = TensorArena.open(device, "key-value cache");
    Shape shape = Shape.of(layout.numRows(), config.keyValueDim());
    for (int layer = 0; layer < config.numLayers(); layer++) {
      // Zero, not just any memory: an empty row weighs 0, but 0 times NaN would be NaN.
      keys.add(arena.zeros(dtype, shape));
      values.add(arena.zeros(dtype, shape));
    }
  }

  /** Which rows there are, and which see which. */
  public Segments layout() {
    return layout;
  }

  /** Bytes of a cache for so many rows. */
  public static long bytes(TransformerConfig config, int numRows, DType dtype) {
    return 2L * config.numLayers() * numRows * config.keyValueDim() * dtype.bytes();
  }

  /** Marks rows as filled, ascending; each must follow on one that is. */
  void claim(int[] rows) {
    for (int row : rows) {
      int segment = layout.segmentOf(row);
      int parent = layout.parent(segment);
      boolean first = row == layout.start(segment);
      int before = !first ? row - 1 : parent == Segments.NONE ? -1 : layout.end(parent) - 1;
      if (filled.get(row) || (before >= 0 && !filled.get(before))) {
        throw new IllegalStateException(
            "row %d of %s is %s"
                .formatted(row, layout, filled.get(row) ? "already filled" : "after an empty row"));
      }
      filled.set(row);
    }
  }

  /**
   * Takes the keys and values of some rows.
   *
   * @param rows ascending, {@code [T]}
   * @param newKeys {@code [T, kv]}
   * @param newValues {@code [T, kv]}
   */
  void write(int layer, int[] rows, Tensor newKeys, Tensor newValues) {
    int from = 0;
    while (from < rows.length) { // one copy for each run of rows that follow on each other
      int to = from + 1;
      while (to < rows.length && rows[to] == rows[to - 1] + 1) {
        to++;
      }
      int first = rows[from];
      copy(newKeys.rows(from, to), keys.get(layer).rows(first, first + to - from));
      copy(newValues.rows(from, to), values.get(layer).rows(first, first + to - from));
      from = to;
    }
  }

  private void copy(Tensor from, Tensor to) {
    arena.device().backend().unary(UnaryKind.COPY, from, to);
  }

  /** Rotated keys, {@code [K, kv]}; rows not yet computed are zero. */
  Tensor keys(int layer) {
    return keys.get(layer);
  }

  /** {@code [K, kv]}. */
  Tensor values(int layer) {
    return values.get(layer);
  }

  @Override
  public void close() {
    arena.close();
  }
}
