package assay.tensor.cpu;

import assay.tensor.RandomKind;

/**
 * Random numbers by counter: element i is a function of the seed and i, so any thread may draw any
 * element. The mixing function is SplitMix64's (Steele, Lea and Flood 2014, figure 16).
 */
final class CounterRandom {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private CounterRandom() {}

  static double draw(RandomKind kind, long seed, long index) {
    return switch (kind) {
      case UNIFORM -> uniform(seed, 2 * index);
      case NORMAL -> // Box and Muller 1958; 1 - u lies in (0, 1]
          Math.sqrt(-2 * Math.log(1 - uniform(seed, 2 * index)))
              * Math.cos(2 * Math.PI * uniform(seed, 2 * index + 1));
    };
  }

  private static double uniform(long seed, long counter) {
    long z = mix(seed) + (counter + 1) * GOLDEN_GAMMA;
    return (mix(z) >>> 11) * 0x1.0p-53;
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
