package assay.eval.statistics;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The temperature T that makes sigmoid(margin / T) fit the labels best (Guo et al. 2017, section
 * 4.2): the least mean of -log sigmoid(margin / T). It changes no ranking; above 1 the model is too
 * sure of itself.
 *
 * <p>In b = 1/T the loss is convex, so Newton's method finds the zero of its slope; a bracket of
 * the zero, halved where Newton would leave it, makes sure that it does.
 */
public final class Temperature {
  private static final int MAX_STEPS = 200;
  private static final double PRECISION = 1e-14;

  private Temperature() {}

  /**
   * Empty where no temperature is best: if no margin is negative, the colder the better; if their
   * mean is not positive, none is good enough.
   *
   * @param margins the chosen answer's reward less the rejected one's
   */
  public static OptionalDouble fit(double[] margins) {
    double largest = Arrays.stream(margins).map(Math::abs).max().orElse(0);
    boolean hasNegative = Arrays.stream(margins).anyMatch(margin -> margin < 0);
    if (!hasNegative || slope(margins, largest, 0) > -PRECISION) { // a mean of 0 but for rounding
      return OptionalDouble.empty();
    }
    double low = 0;
    double high = 1;
    while (slope(margins, largest, high) < 0) {
      low = high;
      high *= 2;
    }
    double b = high;
    for (int step = 0; step < MAX_STEPS && high - low > PRECISION * high; step++) {
      double slope = slope(margins, largest, b);
      if (slope < 0) {
        low = b;
      } else {
        high = b;
      }
      double next = b - slope / curvature(margins, largest, b);
      next = next > low && next < high ? next : (low + high) / 2;
      if (Math.abs(next - b) <= PRECISION * b) {
        break;
      }
      b = next;
    }
    return OptionalDouble.of(largest / b);
  }

  /** d/db of the mean of -log sigmoid(b m), with m = margin / largest: -mean(m sigmoid(-b m)). */
  private static double slope(double[] margins, double largest, double b) {
    double sum = 0;
    for (double margin : margins) {
      double m = margin / largest;
      sum -= m * Calibration.sigmoid(-b * m);
    }
    return sum / margins.length;
  }

  /** The slope's own: mean(m^2 sigmoid(b m) sigmoid(-b m)). */
  private static double curvature(double[] margins, double largest, double b) {
    double sum = 0;
    for (double margin : margins) {
      double m = margin / largest;
      sum += m * m * Calibration.sigmoid(b * m) * Calibration.sigmoid(-b * m);
    }
    return sum / margins.length;
  }
}
