package assay.nn.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Conversions between stored floats and float32, through small heap arrays: the copies in and out
 * run at memory speed at any alignment, and the loops between them are of the shape that the
 * compiler vectorizes.
 */
final class FloatConversion {
  private static final int CHUNK = 4096; // elements

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private FloatConversion() {}

  static void fromFloat64(MemorySegment float64, MemorySegment float32) {
    double[] in = new double[CHUNK];
    float[] out = new float[CHUNK];
    long elements = float64.byteSize() / 8;
    for (long start = 0; start < elements; start += CHUNK) {
      int length = (int) Math.min(CHUNK, elements - start);
      MemorySegment.copy(float64, DOUBLE, 8 * start, in, 0, length);
      for (int i = 0; i < length; i++) {
        out[i] = (float) in[i];
      }
      MemorySegment.copy(out, 0, float32, FLOAT, 4 * start, length);
    }
  }

  static void fromFloat16(MemorySegment float16, MemorySegment float32) {
    short[] in = new short[CHUNK];
    float[] out = new float[CHUNK];
    long elements = float16.byteSize() / 2;
    for (long start = 0; start < elements; start += CHUNK) {
      int length = (int) Math.min(CHUNK, elements - start);
      MemorySegment.copy(float16, SHORT, 2 * start, in, 0, length);
      for (int i = 0; i < length; i++) {
        out[i] = Float.float16ToFloat(in[i]);
      }
      MemorySegment.copy(out, 0, float32, FLOAT, 4 * start, length);
    }
  }

  /** A bfloat16 is the upper half of a float32. */
  static void fromBfloat16(MemorySegment bfloat16, MemorySegment float32) {
    short[] in = new short[CHUNK];
    float[] out = new float[CHUNK];
    long elements = bfloat16.byteSize() / 2;
    for (long start = 0; start < elements; start += CHUNK) {
      int length = (int) Math.min(CHUNK, elements - start);
      MemorySegment.copy(bfloat16, SHORT, 2 * start, in, 0, length);
      for (int i = 0; i < length; i++) {
        out[i] = Float.intBitsToFloat(in[i] << 16);
      }
      MemorySegment.copy(out, 0, float32, FLOAT, 4 * start, length);
    }
  }

  static void toBfloat16(MemorySegment float32, MemorySegment bfloat16) {
    float[] in = new float[CHUNK];
    short[] out = new short[CHUNK];
    long elements = float32.byteSize() / 4;
    for (long start = 0; start < elements; start += CHUNK) {
      int length = (int) Math.min(CHUNK, elements - start);
      MemorySegment.copy(float32, FLOAT, 4 * start, in, 0, length);
      for (int i = 0; i < length; i++) {
        out[i] = toBfloat16(in[i]);
      }
      MemorySegment.copy(out, 0, bfloat16, SHORT, 2 * start, length);
    }
  }

  /** Rounds to nearest, ties to even; any NaN stays one. */
  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int lastKeptBit = (bits >>> 16) & 1;
    int rounded = (bits + 0x7FFF + lastKeptBit) >>> 16;
    return (short) (Float.isNaN(value) ? 0x7FC0 : rounded);
  }
}
