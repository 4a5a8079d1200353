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
  I32(4);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  public boolean isFloating() {
    return this != I32;
  }
}
