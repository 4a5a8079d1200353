package assay.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A contiguous row-major array of numbers on a device. A tensor never owns memory: its arena does,
 * and using it after the arena is closed is an error.
 */
public final class Tensor {
  /** One piece of an arena's memory; reshapes and row slices share it. */
  static final class Allocation {
    final TensorArena arena;
    final long address;
    final long bytes;
    boolean live = true;
    int numHolds; // what is under way and will still read or write it

    Allocation(TensorArena arena, long address, long bytes) {
      this.arena = arena;
      this.address = address;
      this.bytes = bytes;
    }
  }

  private final Allocation allocation;
  private final long offset;
  private final DType dtype;
  private final Shape shape;

  Tensor(Allocation allocation, long offset, DType dtype, Shape shape) {
    this.allocation = allocation;
    this.offset = offset;
    this.dtype = dtype;
    this.shape = shape;
  }

  public Shape shape() {
    return shape;
  }

  public DType dtype() {
    return dtype;
  }

  /** Number of elements. */
  public long size() {
    return shape.size();
  }

  public int dim(int i) {
    return shape.dim(i);
  }

  /** Rows of the matrix that kernels see: all dimensions but the last, multiplied. */
  public int numRows() {
    return shape.numRows();
  }

  /** Columns of the matrix that kernels see: the last dimension. */
  public int numColumns() {
    return shape.numColumns();
  }

  public long bytes() {
    return shape.size() * dtype.bytes();
  }

  public Device device() {
    return allocation.arena.device();
  }

  /** Address of the first element on the device. */
  public long address() {
    if (!allocation.live) {
      throw new IllegalStateException(
          "tensor " + dtype + shape + " used after its memory was released by " + allocation.arena);
    }
    return allocation.address + offset;
  }

  /** The same numbers under another shape of equal size. */
  public Tensor reshape(int... dims) {
    Shape reshaped = Shape.of(dims);
    if (reshaped.size() != shape.size()) {
      throw new IllegalArgumentException(
          "reshape: "
              + shape
              + " has "
              + shape.size()
              + " elements, "
              + reshaped
              + " has "
              + reshaped.size());
    }
    return new Tensor(allocation, offset, dtype, reshaped);
  }

  /** Rows {@code from} (included) to {@code to} (excluded) of the first dimension, as a view. */
  public Tensor rows(int from, int to) {
    if (from < 0 || to < from || to > shape.dim(0)) {
      throw new IllegalArgumentException(
          "rows: [" + from + ", " + to + ") of a tensor of shape " + shape);
    }
    int[] dims = shape.toArray();
    long rowBytes = dims[0] == 0 ? 0 : bytes() / dims[0];
    dims[0] = to - from;
    return new Tensor(allocation, offset + from * rowBytes, dtype, Shape.of(dims));
  }

  /** Elements {@code from} (included) to {@code to} (excluded) in row-major order, as a view. */
  public Tensor elements(long from, long to) {
    if (from < 0 || to < from || to > size()) {
      throw new IllegalArgumentException(
          "elements: [" + from + ", " + to + ") of a tensor of shape " + shape);
    }
    Shape run = Shape.of(Math.toIntExact(to - from));
    return new Tensor(allocation, offset + from * dtype.bytes(), dtype, run);
  }

  /** The same memory, read as a vector of another dtype. */
  public Tensor bitsAs(DType other) {
    if (bytes() % other.bytes() != 0) {
      throw new IllegalArgumentException(this + " is no whole number of " + other);
    }
    Shape vector = Shape.of(Math.toIntExact(bytes() / other.bytes()));
    return new Tensor(allocation, offset, other, vector);
  }

  /**
   * Until {@link #letGo} has been called as often, it is an error to give this memory back. For
   * operations that go on after their call has returned.
   */
  public void hold() {
    address(); // must be live
    allocation.numHolds++;
  }

  /** Undoes one {@link #hold}. */
  public void letGo() {
    if (allocation.numHolds == 0) {
      throw new IllegalStateException(this + " is not held");
    }
    allocation.numHolds--;
  }

  /** True if both lie in the same memory, as a view and its base do. */
  public boolean sharesMemoryWith(Tensor other) {
    return allocation == other.allocation;
  }

  /** Stands for the memory behind this tensor: the same object for all views of it. */
  public Object memory() {
    return allocation;
  }

  Allocation allocation() {
    return allocation;
  }

  /** Copies float values in; this must be F32 with as many elements. */
  public Tensor copyFrom(float... values) {
    return copyFrom(DType.F32, MemorySegment.ofArray(values));
  }

  /** Copies double values in; this must be F64 with as many elements. */
  public Tensor copyFrom(double... values) {
    return copyFrom(DType.F64, MemorySegment.ofArray(values));
  }

  /** Copies int values in; this must be I32 with as many elements. */
  public Tensor copyFrom(int... values) {
    return copyFrom(DType.I32, MemorySegment.ofArray(values));
  }

  private Tensor copyFrom(DType given, MemorySegment values) {
    if (given != dtype || values.byteSize() != bytes()) {
      throw new IllegalArgumentException(
          "copyFrom: "
              + values.byteSize() / given.bytes()
              + " values of "
              + given
              + " into "
              + dtype
              + shape);
    }
    device().backend().copyIn(values, address());
    return this;
  }

  /** The values of an F32 tensor. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(size())];
    copyTo(DType.F32, MemorySegment.ofArray(values));
    return values;
  }

  /** The values of an F64 tensor. */
  public double[] toDoubles() {
    double[] values = new double[Math.toIntExact(size())];
    copyTo(DType.F64, MemorySegment.ofArray(values));
    return values;
  }

  /** The values of an I32 tensor. */
  public int[] toInts() {
    int[] values = new int[Math.toIntExact(size())];
    copyTo(DType.I32, MemorySegment.ofArray(values));
    return values;
  }

  private void copyTo(DType wanted, MemorySegment values) {
    if (wanted != dtype) {
      throw new IllegalArgumentException("tensor " + dtype + shape + " read as " + wanted);
    }
    device().backend().copyOut(address(), values);
  }

  /** For example {@code F32[128, 64]}. */
  @Override
  public String toString() {
    return dtype.toString() + shape;
  }
}
