package assay.tensor.cpu;

import assay.tensor.DType;

/** Reads and writes single elements of any dtype as doubles; rounds once, when writing. */
final class Elements {
  private Elements() {}

  static double get(DType dtype, long address, long index) {
    return switch (dtype) {
      case F64 -> Memory.getDouble(address + 8 * index);
      case F32 -> Memory.getFloat(address + 4 * index);
      case BF16 -> bfloat16ToFloat(Memory.getShort(address + 2 * index));
      case I32 -> Memory.getInt(address + 4 * index);
      case I16 -> Memory.getShort(address + 2 * index);
    };
  }

  static void set(DType dtype, long address, long index, double value) {
    switch (dtype) {
      case F64 -> Memory.setDouble(address + 8 * index, value);
      case F32 -> Memory.setFloat(address + 4 * index, (float) value);
      case BF16 -> Memory.setShort(address + 2 * index, floatToBfloat16((float) value));
      case I32 -> Memory.setInt(address + 4 * index, (int) value);
      case I16 -> Memory.setShort(address + 2 * index, (short) value);
    }
  }

  static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest, ties to even; a NaN stays a (quiet) NaN. */
  static short floatToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x0040);
    }
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }
}
