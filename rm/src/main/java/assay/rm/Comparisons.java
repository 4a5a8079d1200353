package assay.rm;

import assay.rm.data.Judgement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** What comes of comparing each of several answers with each. */
final class Comparisons {
  private Comparisons() {}

  /** How probably one answer is better than another. */
  interface Preference {
    /** Of answer i over answer j: 0.5 is a tie. */
    double of(int i, int j);
  }

  /**
   * Ranks n answers by the comparisons that they won, ties counting half; where these are equal by
   * mean preference, then as the answers were given.
   *
   * @param explanations of each answer, or none
   */
  static Judgement.Ranking ranking(
      int n, Preference preference, List<Judgement.Explanation> explanations) {
    double[] wins = new double[n];
    double[] preferences = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (i != j) {
          double p = preference.of(i, j);
          wins[i] += p > 0.5 ? 1 : p == 0.5 ? 0.5 : 0;
          preferences[i] += p;
        }
      }
    }
    double[] winRates = Arrays.stream(wins).map(w -> w / (n - 1)).toArray();
    return new Judgement.Ranking(order(wins, preferences), winRates, explanations);
  }

  private static int[] order(double[] wins, double[] preferences) {
    Integer[] order = new Integer[wins.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingDouble(i -> -wins[i])
            .thenComparingDouble(i -> -preferences[i]));
    return Arrays.stream(order).mapToInt(i -> i).toArray();
  }
}
