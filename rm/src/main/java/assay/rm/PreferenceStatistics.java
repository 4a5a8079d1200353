package assay.rm;

import assay.rm.data.PreferencePair;

/**
 * What the rewards of some preference pairs look like: loss, accuracy, margin and range.
 *
 * <p>Accuracy is strict: a tie counts as wrong. A neutral pair counts among the pairs and rewards;
 * it has no better answer to find, so not in accuracy, loss and margin.
 */
public final class PreferenceStatistics {
  private int pairs;
  private int rewards;
  private int labelled;
  private int correct;
  private double lossSum;
  private double marginSum;
  private double rewardSum;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  /** Counts a pair of the data. */
  public void add(PreferencePair pair, double chosen, double rejected) {
    if (pair.isNeutral()) {
      addRewards(chosen, rejected);
    } else {
      add(chosen, rejected, pair.margin());
    }
  }

  /** Counts a pair with a better answer; its margin is the one the data asks for. */
  public void add(double chosen, double rejected, double margin) {
    labelled++;
    correct += chosen > rejected ? 1 : 0;
    lossSum -= BradleyTerryLoss.logSigmoid(chosen - rejected - margin);
    marginSum += chosen - rejected;
    addRewards(chosen, rejected);
  }

  /** Counts a verdict: the log-odds of one of two, and whether it is the right one. */
  void addVerdict(double logOdds, boolean right) {
    double signed = right ? logOdds : -logOdds;
    labelled++;
    correct += signed > 0 ? 1 : 0;
    lossSum -= BradleyTerryLoss.logSigmoid(signed);
    marginSum += signed;
    addReward(logOdds);
  }

  /** Counts a reward by itself. */
  void addReward(double reward) {
    pairs++;
    rewards++;
    rewardSum += reward;
    min = Math.min(min, reward);
    max = Math.max(max, reward);
  }

  private void addRewards(double chosen, double rejected) {
    pairs++;
    rewards += 2;
    rewardSum += chosen + rejected;
    min = Math.min(min, Math.min(chosen, rejected));
    max = Math.max(max, Math.max(chosen, rejected));
  }

  /** Pairs, or texts or steps that were counted by themselves. */
  public int pairs() {
    return pairs;
  }

  /** Pairs whose chosen reward is the larger, as a fraction; NaN if all pairs are neutral. */
  public double accuracy() {
    return (double) correct / labelled;
  }

  /** Standard error of the accuracy, {@code sqrt(p (1 - p) / n)}. */
  public double accuracyStandardError() {
    return Math.sqrt(accuracy() * (1 - accuracy()) / labelled);
  }

  /** Mean of -log sigmoid(r+ - r- - margin), without the centering term. */
  public double loss() {
    return lossSum / labelled;
  }

  /**
   * Log-odds of a probability, finite also where a double cannot tell it from 0 or 1; NaN stays
   * NaN.
   */
  public static double logOdds(double p) {
    double odds = Math.log(p) - Math.log1p(-p);
    return Double.isInfinite(odds) ? Math.copySign(-Math.log(Math.ulp(0.5)), odds) : odds;
  }

  /** Mean of r+ - r-. */
  public double margin() {
    return marginSum / labelled;
  }

  public double meanReward() {
    return rewardSum / rewards;
  }

  public double minReward() {
    return min;
  }

  public double maxReward() {
    return max;
  }
}
