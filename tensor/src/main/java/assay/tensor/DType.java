package assay.tensor;

/** Element types. All values are little-endian in memory. */
public enum DType {
  /** IEEE double: gradient checks and exact references. */
  F64(8),
  /** IEEE single: weights, activations and gradients on the CPU. */
  F32(4),
  /** The upper half of an F32 (8 exponent, 7 mantissa bits), rounded to nearest even. */
  BF16(2),
  /** Token ids, labels and row indices. */
  I32(4),
  /** The lower half of an F32 whose upper half is a BF16: see {@link SplitWeights}. */
  I16(2);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  public boolean isFloating() {
    return this != I32 && this != I16;
  }

  /**
   * What numbers of this dtype are added up in, and so the dtype of statistics of a row and of a
   * weight's gradient: F32 for BF16, else the dtype itself.
   */
  public DType sum() {
    return this == BF16 ? F32 : this;
  }
}
