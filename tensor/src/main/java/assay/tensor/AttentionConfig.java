package assay.tensor;

/**
 * The numbers of one attention layer.
 *
 * @param numHeads query heads
 * @param numKeyValueHeads key and value heads; divides numHeads. Query head h reads key head {@code
 *     h / (numHeads / numKeyValueHeads)} (grouped-query attention, Ainslie et al. 2023)
 * @param headDim columns per head
 * @param scale factor of the scores, usually {@code 1 / sqrt(headDim)}
 * @param softCap if positive, scores become {@code softCap * tanh(score / softCap)} (Gemma 2)
 * @param window if positive, a key is visible only if {@code posQ - posK < window}
 */
public record AttentionConfig(
    int numHeads, int numKeyValueHeads, int headDim, double scale, double softCap, int window) {
  public AttentionConfig {
    if (numHeads < 1 || numKeyValueHeads < 1 || numHeads % numKeyValueHeads != 0 || headDim < 1) {
      throw new IllegalArgumentException(
          "attention with "
              + numHeads
              + " heads, "
              + numKeyValueHeads
              + " key-value heads of "
              + headDim);
    }
  }

  /** Query heads that share a key-value head. */
  public int groupSize() {
    return numHeads / numKeyValueHeads;
  }

  /** True if a query sees a key of its path: causal, within the window. */
  public boolean isVisible(int queryPosition, int keyPosition) {
    int distance = queryPosition - keyPosition;
    return distance >= 0 && (window <= 0 || distance < window);
  }
}
