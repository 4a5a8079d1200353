package assay.tensor;

import java.util.Arrays;

/** The dimensions of a row-major tensor, outermost first. A scalar has no dimension and size 1. */
public final class Shape {
  private final int[] dims;
  private final long size;

  private Shape(int[] dims) {
    this.dims = dims;
    long product = 1;
    for (int dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dims));
      }
      product = Math.multiplyExact(product, dim);
    }
    this.size = product;
  }

  public static Shape of(int... dims) {
    return new Shape(dims.clone());
  }

  public int numDims() {
    return dims.length;
  }

  /** The size of dimension {@code i}; negative counts from the last: {@code dim(-1)}. */
  public int dim(int i) {
    int index = i < 0 ? dims.length + i : i;
    if (index < 0 || index >= dims.length) {
      throw new IllegalArgumentException("no dimension " + i + " in " + this);
    }
    return dims[index];
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** All dimensions but the last, multiplied: the rows of the matrix that this shape is seen as. */
  public int numRows() {
    return dims.length == 0 || numColumns() == 0 ? 1 : Math.toIntExact(size / numColumns());
  }

  /** The last dimension: the columns of the matrix that this shape is seen as. */
  public int numColumns() {
    return dims.length == 0 ? 1 : dims[dims.length - 1];
  }

  public int[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** For example {@code [128, 64]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
