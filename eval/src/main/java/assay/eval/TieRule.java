package assay.eval;

import java.util.Locale;

/** What two equal scores of a chosen and a rejected answer count. */
public enum TieRule {
  /**
   * Nothing, as RewardBench counts: a model that gives all answers the same score knows nothing.
   */
  LOSE,
  /** One half, as RLHFlow counts: the expectation of a fair coin. */
  HALF;

  /** 1 if the chosen answer's score is the higher, 0 if it is the lower. */
  double win(double chosen, double rejected) {
    if (chosen == rejected) {
      return this == HALF ? 0.5 : 0;
    }
    return chosen > rejected ? 1 : 0;
  }

  /** {@code lose} or {@code half}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
