package assay.rm.recipe;

/**
 * A recipe's section {@code steps}, of a reward model for reasoning.
 *
 * @param reward of the verdicts on all steps of an answer
 */
public record StepOptions(Over reward) implements MethodOptions {
  /** How verdicts on steps become one reward. */
  public enum Over {
    /** The mean probability that a step is right. */
    MEAN,
    /** The probability of the least probable step: a chain is as good as its worst link. */
    MIN
  }
}
