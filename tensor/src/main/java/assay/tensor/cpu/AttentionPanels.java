package assay.tensor.cpu;

import assay.tensor.Segments;
import java.util.Arrays;

/**
 * One thread's buffers for attention, and the packing of one path's keys and values and one block's
 * queries into them. Each matrix product of attention is then a run of matmul tiles.
 *
 * <p>L is the number of keys on the path that any query sees, W the columns of a tile, which are
 * the queries of a block.
 */
final class AttentionPanels implements AutoCloseable {
  /** Keys per chunk; a multiple of all tiles' rows (8, 6, 4, 2, 1). */
  static final int CHUNK = 48;

  final MatMulLoops matmul;
  final int columns; // W
  float[] keyRows = {}; // [L, headDim]
  float[] valueRows = {}; // [L, headDim]
  float[] keyColumns = {}; // chunks of [headDim, CHUNK]
  float[] valueColumns = {}; // chunks of [headDim, CHUNK]
  float[] queries = {}; // [headDim, W]
  float[] outGradients = {}; // [headDim, W]
  float[] outs = {}; // [headDim, W]
  float[] transposed = {}; // [W, headDim]
  float[] probabilities = {}; // [L, W]
  float[] scoreGradients = {}; // [L, W]
  float[] queryRows = {}; // column tiles of [W, W]
  float[] outGradientRows = {}; // column tiles of [W, W]
  final float[] maximum;
  final float[] sum;
  final float[] delta;
  final float[] positions;
  private final NativeBuffer scores = new NativeBuffer(); // [L, W]
  private final NativeBuffer dProbabilities = new NativeBuffer(); // [L, W]
  private final NativeBuffer products = new NativeBuffer(); // [headDim, W]
  private final NativeBuffer keyGradients = new NativeBuffer(); // [L, wholeColumns]
  private final NativeBuffer valueGradients = new NativeBuffer(); // [L, wholeColumns]
  private int headDim;
  private int numKeys;

  AttentionPanels(MatMulLoops matmul) {
    this.matmul = matmul;
    this.columns = matmul.tileColumns();
    maximum = new float[columns];
    sum = new float[columns];
    delta = new float[columns];
    positions = new float[columns];
  }

  /** Room for the first L keys of a path. */
  void prepare(int dim, int length, boolean backward) {
    headDim = dim;
    numKeys = Math.ceilDiv(length, CHUNK) * CHUNK;
    int tileRows = matmul.tileRows();
    keyRows = ensure(keyRows, (numKeys + tileRows) * dim);
    valueColumns = ensure(valueColumns, (numKeys / CHUNK) * wholeRows() * CHUNK);
    queries = ensure(queries, dim * columns);
    transposed = ensure(transposed, wholeRows() * columns);
    probabilities = ensure(probabilities, numKeys * columns);
    scores.ensure(4L * (numKeys + tileRows) * columns);
    products.ensure(4L * wholeRows() * columns);
    if (backward) {
      valueRows = ensure(valueRows, (numKeys + tileRows) * dim);
      keyColumns = ensure(keyColumns, (numKeys / CHUNK) * wholeRows() * CHUNK);
      outGradients = ensure(outGradients, dim * columns);
      outs = ensure(outs, dim * columns);
      scoreGradients = ensure(scoreGradients, numKeys * columns);
      queryRows = ensure(queryRows, wholeColumns() * columns);
      outGradientRows = ensure(outGradientRows, wholeColumns() * columns);
      dProbabilities.ensure(4L * (numKeys + tileRows) * columns);
      long gradientBytes = 4L * numKeys * wholeColumns();
      Memory.zero(keyGradients.ensure(gradientBytes), gradientBytes);
      Memory.zero(valueGradients.ensure(gradientBytes), gradientBytes);
    }
  }

  private static float[] ensure(float[] buffer, int length) {
    return buffer.length >= length ? buffer : new float[length];
  }

  /** headDim rounded up to whole tiles of rows. */
  int wholeRows() {
    return Math.ceilDiv(headDim, matmul.tileRows()) * matmul.tileRows();
  }

  /** headDim rounded up to whole tiles of columns. */
  int wholeColumns() {
    return Math.ceilDiv(headDim, columns) * columns;
  }

  long scores() {
    return scores.address();
  }

  long dProbabilities() {
    return dProbabilities.address();
  }

  /** The result of a product, {@code [headDim, W]}. */
  long products() {
    return products.address();
  }

  long keyGradients() {
    return keyGradients.address();
  }

  long valueGradients() {
    return valueGradients.address();
  }

  /** One head of a matrix {@code [rows, heads * headDim]}: where it begins, and its row length. */
  record Head(long address, long rowBytes) {
    long row(long row) {
      return address + row * rowBytes;
    }
  }

  /** Gathers the head's first L rows along a path by position: {@code [L, headDim]}. */
  void packRows(Segments segments, int segment, Head head, int length, float[] panel) {
    for (int s : segments.path(segment)) {
      int position = segments.firstPosition(s);
      int count = Math.min(segments.length(s), length - position);
      MatMulLoops.Block rows =
          new MatMulLoops.Block(head.row(segments.start(s)), head.rowBytes(), count, headDim);
      matmul.copy(rows, panel, position * headDim, headDim);
    }
  }

  /** Gathers the first L rows along a path, transposed: chunks of {@code [headDim, CHUNK]}. */
  void packColumns(Segments segments, int segment, Head head, int length, float[] panel) {
    int chunkSize = wholeRows() * CHUNK;
    Arrays.fill(panel, (numKeys / CHUNK - 1) * chunkSize, numKeys / CHUNK * chunkSize, 0);
    for (int s : segments.path(segment)) {
      int position = segments.firstPosition(s);
      int end = Math.min(length, position + segments.length(s));
      while (position < end) {
        int chunk = position / CHUNK;
        int stop = Math.min(end, (chunk + 1) * CHUNK);
        long first = segments.start(s) + (long) position - segments.firstPosition(s);
        matmul.transpose(
            new MatMulLoops.Block(head.row(first), head.rowBytes(), stop - position, headDim),
            panel,
            chunk * chunkSize + position - chunk * CHUNK,
            CHUNK);
        position = stop;
      }
    }
  }

  /**
   * {@code to = rows x panel}: keys from to to of {@code [L, headDim]} times {@code [headDim, W]}.
   */
  void rowsTimes(float[] rows, int from, int to, float[] panel, long out) {
    for (int key = from; key < to; key += matmul.tileRows()) {
      matmul.tile(
          rows, key * headDim, panel, 0, headDim, out + 4L * key * columns, 4L * columns, true);
    }
  }

  /**
   * {@code products = columns x weights}: the sum over keys, in order, of {@code [headDim, L]}
   * times {@code [L, W]}.
   */
  void columnsTimes(float[] chunks, int from, int to, float[] weights) {
    for (int chunk = from / CHUNK; chunk * CHUNK < to; chunk++) {
      for (int row = 0; row < headDim; row += matmul.tileRows()) {
        matmul.tile(
            chunks,
            (chunk * wholeRows() + row) * CHUNK,
            weights,
            chunk * CHUNK * columns,
            CHUNK,
            products() + 4L * row * columns,
            4L * columns,
            chunk == from / CHUNK);
      }
    }
  }

  /** {@code gradients += weights x rows}: {@code [L, W]} times {@code [W, headDim]}. */
  void addWeightsTimes(float[] weights, int from, int to, float[] rows, long gradients) {
    long rowBytes = 4L * wholeColumns();
    for (int key = from; key < to; key += matmul.tileRows()) {
      for (int column = 0; column < headDim; column += columns) {
        matmul.tile(
            weights,
            key * columns,
            rows,
            column * columns,
            columns,
            gradients + key * rowBytes + 4L * column,
            rowBytes,
            false);
      }
    }
  }

  @Override
  public void close() {
    scores.close();
    dProbabilities.close();
    products.close();
    keyGradients.close();
    valueGradients.close();
  }
}
