package assay.rm.data;

/**
 * Draws batches with replacement: each place of a batch is any of the pairs, whatever came before.
 */
public final class ReplacementSampler {
  private final int numPairs;
  private final int batchSize;
  private final SplitMix64 random;

  public ReplacementSampler(int numPairs, int batchSize, long seed) {
    if (numPairs < 1 || batchSize < 1) {
      throw new IllegalArgumentException(
          "expected pairs and a batch size, got " + numPairs + " and " + batchSize);
    }
    this.numPairs = numPairs;
    this.batchSize = batchSize;
    this.random = new SplitMix64(seed);
  }

  /** The next batch, as indices of pairs. */
  public int[] next() {
    int[] batch = new int[batchSize];
    for (int i = 0; i < batchSize; i++) {
      batch[i] = random.nextInt(numPairs);
    }
    return batch;
  }
}
