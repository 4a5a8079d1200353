package assay.train;

/**
 * The learning rate of each step as a factor of the peak rate, by the formulas of transformers'
 * {@code get_*_schedule_with_warmup}: with warm-up, step 0 has rate 0.
 *
 * @param warmupSteps steps of linear warm-up from 0
 * @param totalSteps steps of the whole run
 */
public record Schedule(Kind kind, long warmupSteps, long totalSteps) {
  /** What follows the warm-up. */
  public enum Kind {
    /** Half a cosine, from 1 to 0. */
    COSINE,
    /** Straight down to 0. */
    LINEAR,
    /** Always 1. */
    CONSTANT
  }

  public Schedule {
    if (warmupSteps < 0 || totalSteps < 0) {
      throw new IllegalArgumentException(
          "schedule of " + totalSteps + " steps with " + warmupSteps + " of warm-up");
    }
  }

  /**
   * @param step counts from 0
   */
  public double factor(long step) {
    if (step < warmupSteps) {
      return (double) step / Math.max(1, warmupSteps);
    }
    double progress = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return switch (kind) {
      case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
      case LINEAR -> Math.max(0, 1 - progress);
      case CONSTANT -> 1;
    };
  }
}
