package assay.rm;

/**
 * Pearson's correlation of some rewards with the lengths of their answers, and its slope.
 *
 * <p>rho = Srl / sqrt(Srr Sll), with S the sums of products of deviations from the means. It is 0,
 * with slope 0, where all rewards or all lengths are the same.
 *
 * @param rho the correlation
 * @param meanReward the mean of the rewards
 * @param meanLength the mean of the lengths
 * @param rewardSquares Srr
 * @param lengthSquares Sll
 */
record LengthCorrelation(
    double rho, double meanReward, double meanLength, double rewardSquares, double lengthSquares) {

  /**
   * @param rewards at least one
   * @param lengths as many
   */
  static LengthCorrelation of(double[] rewards, double[] lengths) {
    double meanReward = 0;
    double meanLength = 0;
    for (int i = 0; i < rewards.length; i++) {
      meanReward += rewards[i] / rewards.length;
      meanLength += lengths[i] / rewards.length;
    }
    double products = 0;
    double rewardSquares = 0;
    double lengthSquares = 0;
    for (int i = 0; i < rewards.length; i++) {
      double r = rewards[i] - meanReward;
      double l = lengths[i] - meanLength;
      products += r * l;
      rewardSquares += r * r;
      lengthSquares += l * l;
    }
    boolean varied = rewardSquares > 0 && lengthSquares > 0;
    double rho = varied ? products / Math.sqrt(rewardSquares * lengthSquares) : 0;
    return new LengthCorrelation(rho, meanReward, meanLength, rewardSquares, lengthSquares);
  }

  /**
   * d rho / d r = (l - mean l) / sqrt(Srr Sll) - rho (r - mean r) / Srr, for one of the rewards.
   */
  double slope(double reward, double length) {
    if (rewardSquares == 0 || lengthSquares == 0) {
      return 0;
    }
    return (length - meanLength) / Math.sqrt(rewardSquares * lengthSquares)
        - rho * (reward - meanReward) / rewardSquares;
  }
}
