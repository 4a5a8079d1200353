package assay.eval.statistics;

/**
 * The score interval of a proportion (Wilson 1927, Probable Inference, the Law of Succession, and
 * Statistical Inference): all p from which the observed share of n trials is at most z standard
 * errors away, with the standard error that <em>p</em> has, not the one observed:
 *
 * <pre>
 * (share + z^2/2n  -+  z sqrt(share (1 - share) / n + z^2/4n^2)) / (1 + z^2/n)
 * </pre>
 *
 * <p>The usual share -+ z sqrt(share (1 - share) / n) is an empty interval where a model gets
 * everything right, which subsets of 28 rows do see.
 */
public final class Wilson {
  private Wilson() {}

  /**
   * For credits between 0 and 1 instead of successes the interval is a little too wide: no variable
   * between 0 and 1 varies more than one that is always one of the two.
   *
   * @param share of the trials that succeeded, or their mean credit; in [0, 1]
   * @param numTrials independent of each other; at least 1
   */
  public static Interval interval(double share, long numTrials) {
    if (numTrials < 1 || !(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "expected a share in [0, 1] of at least one trial, got " + share + " of " + numTrials);
    }
    double n = numTrials;
    double zz = Interval.Z * Interval.Z;
    double centre = (share + zz / (2 * n)) / (1 + zz / n);
    double half = Interval.Z * Math.sqrt(share * (1 - share) / n + zz / (4 * n * n)) / (1 + zz / n);
    // At shares of 0 and 1 the two terms are equal but for rounding.
    return new Interval(
        Math.clamp(centre - half, 0.0, share), Math.clamp(centre + half, share, 1.0));
  }
}
