package assay.rm;

/**
 * What the rewards of some preference pairs look like: loss, accuracy, margin and range.
 *
 * <p>Accuracy is strict: a tie counts as wrong.
 */
public final class PreferenceStatistics {
  private int pairs;
  private int correct;
  private double lossSum;
  private double marginSum;
  private double rewardSum;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  /** Counts a pair; its margin is the one the data asks for. */
  public void add(double chosen, double rejected, double margin) {
    pairs++;
    correct += chosen > rejected ? 1 : 0;
    lossSum -= BradleyTerryLoss.logSigmoid(chosen - rejected - margin);
    marginSum += chosen - rejected;
    rewardSum += chosen + rejected;
    min = Math.min(min, Math.min(chosen, rejected));
    max = Math.max(max, Math.max(chosen, rejected));
  }

  public int pairs() {
    return pairs;
  }

  /** Pairs whose chosen reward is the larger, as a fraction. */
  public double accuracy() {
    return (double) correct / pairs;
  }

  /** Standard error of the accuracy, {@code sqrt(p (1 - p) / n)}. */
  public double accuracyStandardError() {
    return Math.sqrt(accuracy() * (1 - accuracy()) / pairs);
  }

  /** Mean of -log sigmoid(r+ - r- - margin), without the centering term. */
  public double loss() {
    return lossSum / pairs;
  }

  /** Mean of r+ - r-. */
  public double margin() {
    return marginSum / pairs;
  }

  public double meanReward() {
    return rewardSum / (2.0 * pairs);
  }

  public double minReward() {
    return min;
  }

  public double maxReward() {
    return max;
  }
}
