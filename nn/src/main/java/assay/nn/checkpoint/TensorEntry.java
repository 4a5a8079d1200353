package assay.nn.checkpoint;

import assay.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * One tensor of an open checkpoint.
 *
 * @param source the file it is in, for messages
 * @param name as the file names it
 * @param dtype as the file names it: {@code F32}, {@code BF16}, {@code I64}, ..., perhaps unknown
 * @param shape outermost dimension first, row-major
 * @param bytes the mapped bytes, read-only, little-endian, at any alignment; alive as long as the
 *     arena that the file was opened in
 */
public record TensorEntry(
    String source, String name, String dtype, Shape shape, MemorySegment bytes) {

  /** Whether {@link #copyAsFloat32} can read this dtype: F64, F32, F16 and BF16. */
  public boolean isFloat() {
    return switch (dtype) {
      case "F64", "F32", "F16", "BF16" -> true;
      default -> false;
    };
  }

  /**
   * Writes the values as float32: exact from F32, F16 and BF16, rounded to nearest even from F64.
   *
   * @param destination [shape.size()] float32, little-endian, at any alignment
   * @throws SafetensorsException if the dtype can't be read as numbers
   */
  public void copyAsFloat32(MemorySegment destination) {
    if (destination.byteSize() != 4 * shape.size()) {
      throw new IllegalArgumentException(
          String.format(
              "%s %s: destination has %d bytes, expected %d",
              name, shape, destination.byteSize(), 4 * shape.size()));
    }
    switch (dtype) {
      case "F32" -> destination.copyFrom(bytes);
      case "F64" -> FloatConversion.fromFloat64(bytes, destination);
      case "F16" -> FloatConversion.fromFloat16(bytes, destination);
      case "BF16" -> FloatConversion.fromBfloat16(bytes, destination);
      default ->
          throw new SafetensorsException(
              String.format(
                  "%s: tensor %s has dtype %s; weights must be F64, F32, F16 or BF16",
                  source, Quote.of(name), Quote.plain(dtype)));
    }
  }

  /**
   * The values as float32, in row-major order; {@link #copyAsFloat32} says how they are rounded.
   */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(shape.size())];
    copyAsFloat32(MemorySegment.ofArray(values));
    return values;
  }

  /** A run of the elements, as a vector. */
  TensorEntry elements(long start, long length) {
    long width = bytes.byteSize() / Math.max(1, shape.size());
    return new TensorEntry(
        source,
        name,
        dtype,
        Shape.of(Math.toIntExact(length)),
        bytes.asSlice(start * width, length * width));
  }
}
