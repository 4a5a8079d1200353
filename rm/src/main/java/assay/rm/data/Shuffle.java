package assay.rm.data;

/** An order that is a function of a seed: the one in which an epoch visits its pairs. */
public final class Shuffle {
  private Shuffle() {}

  /**
   * A permutation of 0 .. length-1 for each epoch, by Fisher and Yates' exchanges from the last
   * place down.
   */
  public static int[] order(int length, long seed, int epoch) {
    int[] order = unshuffled(length);
    SplitMix64 random = new SplitMix64(SplitMix64.mix(seed) + epoch);
    for (int i = length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  static int[] unshuffled(int length) {
    int[] order = new int[length];
    for (int i = 0; i < length; i++) {
      order[i] = i;
    }
    return order;
  }
}
