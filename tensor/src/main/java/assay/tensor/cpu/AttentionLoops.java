package assay.tensor.cpu;

/**
 * The innermost loops of attention between its matrix products. Scores lie in memory as {@code
 * [keys, columns]}: a row for each key by its position on the path, a column for each query of a
 * block. So a loop over keys is a chain in the order of positions, whatever else is in the block.
 */
interface AttentionLoops {
  /**
   * What a block's queries see and how scores are made.
   *
   * @param positions of the queries, {@code [columns]}; -1 for a column without one
   * @param window a key is visible if {@code 0 <= position - key < window}
   * @param softCap 0 for none
   */
  record Rule(float[] positions, float window, float scale, float softCap) {}

  /**
   * {@code score = visible ? cap(scale * score) : -infinity} for keys from to to, and {@code
   * maximum[c] = max(maximum[c], score)}.
   */
  void scores(long scores, int from, int to, Rule rule, float[] maximum);

  /** {@code p = exp(score - shift[c])} into {@code [keys, columns]}, {@code sum[c] += p}. */
  void probabilities(
      long scores, int from, int to, float[] shift, float[] probabilities, float[] sum);

  /**
   * {@code dScore = scale * p (dP - delta[c])}, times {@code 1 - (score / softCap)^2} if capped.
   *
   * @param dProbabilities address of {@code [keys, columns]}
   */
  void scoreGradients(
      long scores,
      long dProbabilities,
      int from,
      int to,
      Rule rule,
      float[] probabilities,
      float[] delta,
      float[] dScores);
}
