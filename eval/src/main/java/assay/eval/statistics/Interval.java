package assay.eval.statistics;

import java.util.List;

/**
 * An interval that covers the true value in 95 of 100 repetitions of the experiment.
 *
 * <p>The level is fixed: it is the one that papers print, and intervals of different levels side by
 * side mislead.
 */
public record Interval(double low, double high) {
  /** How often the interval covers the true value. */
  public static final double CONFIDENCE = 0.95;

  /** The normal distribution's quantile of 0.975: what lies beyond, on both sides, is 5%. */
  static final double Z = 1.959963984540054;

  /** As result files have it: {@code [low, high]}. */
  public List<Double> toJson() {
    return List.of(low, high);
  }
}
