package assay.train.checkpoint;

import assay.tensor.Backend;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.SplitWeights;
import assay.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The rows of a tensor that one rank has, where they lie: what a checkpoint is written from, and
 * what it is read into. So a rank describes its state once, for saving and for loading.
 *
 * @param name as the checkpoint has it: {@code weights/NAME}, {@code m/NAME}, {@code v/NAME}
 * @param fullShape of the whole tensor, all ranks together
 * @param fromRow the first row, of dimension 0
 * @param values the rows themselves: F32 or F64; or BF16, the upper halves of F32 values
 * @param low the lower halves, I16, if {@code values} are upper halves; else null
 */
public record TensorRows(String name, Shape fullShape, int fromRow, Tensor values, Tensor low) {
  public TensorRows {
    boolean whole = values.dtype() == DType.F32 || values.dtype() == DType.F64;
    boolean halves =
        values.dtype() == DType.BF16
            && low != null
            && low.dtype() == DType.I16
            && low.shape().equals(values.shape());
    if (!(whole && low == null) && !halves) {
      throw new IllegalArgumentException(
          name + ": expected F32, F64 or both halves of F32, got " + values + " and " + low);
    }
    int numRows = rowsOf(values.shape());
    if (fromRow < 0
        || fromRow > rowsOf(fullShape) - numRows
        || !values.shape().equals(withRows(fullShape, numRows))) {
      throw new IllegalArgumentException(
          name + ": " + values + " from row " + fromRow + " is no part of " + fullShape);
    }
  }

  /** A whole F32 or F64 tensor. */
  public static TensorRows whole(String name, Tensor values) {
    return new TensorRows(name, values.shape(), 0, values, null);
  }

  /** Rows of an F32 or F64 tensor. */
  public static TensorRows of(String name, Shape fullShape, int fromRow, Tensor values) {
    return new TensorRows(name, fullShape, fromRow, values, null);
  }

  /** The row after the last. */
  public int toRow() {
    return fromRow + rowsOf(values.shape());
  }

  /** As it is stored: halves are joined. */
  DType dtype() {
    return low == null ? values.dtype() : DType.F32;
  }

  /** Rows of a tensor: the size of dimension 0; a scalar is one row. */
  static int rowsOf(Shape shape) {
    return shape.numDims() == 0 ? 1 : shape.dim(0);
  }

  /** The shape of so many rows of a tensor. */
  static Shape withRows(Shape fullShape, int numRows) {
    int[] dims = fullShape.toArray();
    if (dims.length > 0) {
      dims[0] = numRows;
    }
    return Shape.of(dims);
  }

  /** Bytes of one row as it is stored. */
  static long rowBytes(Shape fullShape, DType dtype) {
    int[] dims = fullShape.toArray();
    Shape row = Shape.of(dims.length == 0 ? dims : Arrays.copyOfRange(dims, 1, dims.length));
    return Math.multiplyExact(row.size(), dtype.bytes());
  }

  /** Fills a chunk with the stored bytes that begin at an offset, that of an element. */
  void copyOut(long startByte, MemorySegment chunk) {
    Backend backend = values.device().backend();
    if (low == null) {
      backend.copyOut(values.address() + startByte, chunk);
      return;
    }
    int length = Math.toIntExact(chunk.byteSize() / 4);
    short[] highs = new short[length];
    short[] lows = new short[length];
    backend.copyOut(values.address() + startByte / 2, MemorySegment.ofArray(highs));
    backend.copyOut(low.address() + startByte / 2, MemorySegment.ofArray(lows));
    for (int i = 0; i < length; i++) {
      chunk.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, SplitWeights.join(highs[i], lows[i]));
    }
  }

  /** Takes a chunk of stored bytes that begin at an offset, that of an element. */
  void copyIn(long startByte, MemorySegment chunk) {
    Backend backend = values.device().backend();
    if (low == null) {
      backend.copyIn(chunk, values.address() + startByte);
      return;
    }
    int length = Math.toIntExact(chunk.byteSize() / 4);
    short[] highs = new short[length];
    short[] lows = new short[length];
    for (int i = 0; i < length; i++) {
      int bits = chunk.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
      highs[i] = SplitWeights.high(bits);
      lows[i] = SplitWeights.low(bits);
    }
    backend.copyIn(MemorySegment.ofArray(highs), values.address() + startByte / 2);
    backend.copyIn(MemorySegment.ofArray(lows), low.address() + startByte / 2);
  }
}
