package assay.rm.armorm;

import java.util.Arrays;
import java.util.List;

/**
 * Takes verbosity out of the other objectives (Wang et al. 2024, section 2.3): from objective j's
 * reward a share p_j of the verbosity's is subtracted, the smallest one that leaves the two all but
 * uncorrelated in rank, over the answers of the preference data.
 *
 * <p>As a matrix that is multiplied from the right: T = I, and row v holds -p_j, with p_v = 1 for
 * verbosity v itself, so that verbosity has no say of its own.
 */
final class VerbosityDebiasing {
  /** What upstream tries, ascending. */
  static final List<Double> PENALTIES =
      List.of(
          0.0, 0.01, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5,
          0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95);

  private VerbosityDebiasing() {}

  /**
   * The penalty p_j of each objective.
   *
   * @param rewards {@code [N][K]} of reference answers
   * @param verbosity the index of that objective; it gets 1
   * @param candidates ascending; an objective that none of them frees gets 1
   */
  static double[] penalties(
      double[][] rewards, int verbosity, List<Double> candidates, double threshold) {
    double[] verbosityRewards = column(rewards, verbosity);
    double[] verbosityRanks = Spearman.ranks(verbosityRewards);
    double[] penalties = new double[rewards[0].length];
    Arrays.fill(penalties, 1);
    for (int k = 0; k < penalties.length; k++) {
      if (k != verbosity) {
        penalties[k] =
            penalty(column(rewards, k), verbosityRewards, verbosityRanks, candidates, threshold);
      }
    }
    return penalties;
  }

  private static double penalty(
      double[] rewards,
      double[] verbosity,
      double[] verbosityRanks,
      List<Double> candidates,
      double threshold) {
    for (double candidate : candidates) {
      double[] adjusted = new double[rewards.length];
      for (int i = 0; i < adjusted.length; i++) {
        adjusted[i] = rewards[i] - candidate * verbosity[i];
      }
      if (Spearman.ofRanks(Spearman.ranks(adjusted), verbosityRanks) <= threshold) {
        return candidate;
      }
    }
    return 1;
  }

  private static double[] column(double[][] rows, int column) {
    return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
  }

  /** T for these penalties, {@code [K][K]}. */
  static double[][] transform(double[] penalties, int verbosity) {
    double[][] transform = identity(penalties.length);
    for (int k = 0; k < penalties.length; k++) {
      transform[verbosity][k] -= penalties[k];
    }
    return transform;
  }

  /** T where no objective is taken for verbosity. */
  static double[][] identity(int numObjectives) {
    double[][] identity = new double[numObjectives][numObjectives];
    for (int k = 0; k < numObjectives; k++) {
      identity[k][k] = 1;
    }
    return identity;
  }
}
