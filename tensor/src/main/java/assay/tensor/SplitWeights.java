package assay.tensor;

import assay.tensor.kernel.Checks;
import java.lang.foreign.MemorySegment;

/**
 * An F32 weight in two halves of 16 bits, for training in BF16 without a second copy of the model:
 * the network computes with the upper half, the optimizer with both.
 *
 * <p>{@code bits(weight) = (bits(high) << 16) + low}, low being signed: so high is the weight
 * rounded to nearest (a weight halfway between two goes away from zero), not cut off. Every F32
 * comes back bit for bit; of a NaN, that it is one.
 */
public final class SplitWeights {
  private SplitWeights() {}

  /** The bits of the weight. */
  public static int join(short high, short low) {
    return (high << 16) + low;
  }

  /** The upper half of a weight's bits: a BF16. */
  public static short high(int bits) {
    return isNan(bits) ? (short) 0x7fc0 : (short) ((bits + 0x8000) >> 16);
  }

  /** The lower half of a weight's bits. */
  public static short low(int bits) {
    return isNan(bits) ? 0 : (short) bits;
  }

  private static boolean isNan(int bits) {
    return Float.isNaN(Float.intBitsToFloat(bits));
  }

  static void join(Backend backend, Tensor high, Tensor low, Tensor weight) {
    Checks.splitWeights(weight, high, low);
    short[] highs = shorts(backend, high);
    short[] lows = shorts(backend, low);
    int[] bits = new int[highs.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = join(highs[i], lows[i]);
    }
    backend.copyIn(MemorySegment.ofArray(bits), weight.address());
  }

  static void split(Backend backend, Tensor weight, Tensor high, Tensor low) {
    Checks.splitWeights(weight, high, low);
    int[] bits = new int[Math.toIntExact(weight.size())];
    backend.copyOut(weight.address(), MemorySegment.ofArray(bits));
    short[] highs = new short[bits.length];
    short[] lows = new short[bits.length];
    for (int i = 0; i < bits.length; i++) {
      highs[i] = high(bits[i]);
      lows[i] = low(bits[i]);
    }
    backend.copyIn(MemorySegment.ofArray(highs), high.address());
    backend.copyIn(MemorySegment.ofArray(lows), low.address());
  }

  private static short[] shorts(Backend backend, Tensor x) {
    short[] values = new short[Math.toIntExact(x.size())];
    backend.copyOut(x.address(), MemorySegment.ofArray(values));
    return values;
  }
}
