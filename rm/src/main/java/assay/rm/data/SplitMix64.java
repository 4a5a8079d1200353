package assay.rm.data;

/**
 * Steele, Lea and Flood's generator (Fast Splittable Pseudorandom Number Generators, 2014), written
 * out so that the order of the data depends on the seed and on this file alone.
 */
public final class SplitMix64 {
  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  public SplitMix64(long seed) {
    state = seed;
  }

  /** All 64 bits are random. */
  public long nextLong() {
    state += GAMMA;
    return mix(state);
  }

  /** Uniform in [0, bound): Lemire's multiplication, with rejection of the few that would bias. */
  public int nextInt(int bound) {
    while (true) {
      long product = (nextLong() >>> 32) * bound;
      long remainder = product & 0xffffffffL;
      // 2^32 mod bound of the 2^32 values are too many to be dealt out evenly; the remainder is
      // compared with bound first because the division is what takes the time.
      if (remainder >= bound || remainder >= (1L << 32) % bound) {
        return (int) (product >>> 32);
      }
    }
  }

  /** A bijection of 64-bit words in which every input bit moves half of the output bits. */
  public static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
