package assay.eval.statistics;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * By how much one model's score is above another's on the same rows. Both are resampled together,
 * so that what makes a row hard for both cancels: the difference is known far better than either
 * score.
 *
 * @param first the first model's score
 * @param second the other's
 * @param standardError of their difference, over resamples of the rows
 * @param interval of their difference
 */
public record PairedDifference(
    double first, double second, double standardError, Interval interval) {
  /** The normal distribution's quantile of 0.8. */
  private static final double Z_POWER = 0.8416212335729143;

  /**
   * @param replicates the differences in resamples of the rows
   */
  public static PairedDifference of(double first, double second, double[] replicates) {
    return new PairedDifference(
        first, second, Bootstrap.standardError(replicates), Bootstrap.interval(replicates));
  }

  /** The first model's score less the second's. */
  public double difference() {
    return first - second;
  }

  /**
   * The true difference that a test at 5% would find in 80 of 100 experiments like this: (z(0.975)
   * + z(0.8)) standard errors, 2.8 in all. If it is larger than what one hopes to see, more rows
   * are needed, not another look.
   */
  public double smallestDetectable() {
    return (Interval.Z + Z_POWER) * standardError;
  }

  /** As result files have it. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("first", first);
    json.put("second", second);
    json.put("difference", difference());
    json.put("standard_error", standardError);
    json.put("interval", interval.toJson());
    json.put("smallest_detectable", smallestDetectable());
    return json;
  }
}
