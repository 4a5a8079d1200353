package assay.bench;

import assay.nn.TransformerConfig;

/** Floating-point operations, a multiplication and an addition counted as two. */
final class Operations {
  private Operations() {}

  /**
   * Of the forward of a token: 2 for each weight of a matrix, and for attention, which sees half of
   * the tokens on average, 2 for each column of the queries and each token of the length. A
   * backward has twice as many (Chowdhery et al. 2022, appendix B).
   *
   * @param weights of the model
   * @param length of the token's sequence
   */
  static double forward(long weights, TransformerConfig config, int length) {
    long embedding = (long) config.vocabSize() * config.hiddenSize();
    double attention = (double) config.numLayers() * config.queryDim() * length;
    return 2.0 * (weights - embedding) + 2.0 * attention;
  }
}
