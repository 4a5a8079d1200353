package assay.rm.data;

import java.util.List;
import java.util.Map;

/** What a reward model says of a row that was to be scored. */
@SuppressWarnings("ArrayRecordComponent") // written out once, never a key
public sealed interface Judgement {
  /**
   * A reward for each of the row's answers.
   *
   * @param explanations one for each; none from a model whose rewards are not made of others
   */
  record Rewards(double[] values, List<Explanation> explanations) implements Judgement {
    public Rewards(double... values) {
      this(values, List.of());
    }
  }

  /**
   * What one reward is made of.
   *
   * @param objectives rewards by name, as they are compared with ratings
   * @param gating how much each counts in this reward; empty where that is the same for all
   * @param steps the probability that each step of the answer is right; empty from a model that
   *     does not read steps
   */
  record Explanation(
      Map<String, Double> objectives, Map<String, Double> gating, List<Double> steps) {
    /** Of objectives, and not of steps. */
    public Explanation(Map<String, Double> objectives, Map<String, Double> gating) {
      this(objectives, gating, List.of());
    }
  }

  /**
   * How probably the first of two answers is the better one.
   *
   * @param chosen 0.5 is a tie
   * @param explanations one for each answer; none from a model that reads both in one text
   * @param paths in words how the model came to it, by the order of the answers; none from a model
   *     that cannot say
   */
  record Preference(double chosen, List<Explanation> explanations, Map<String, List<String>> paths)
      implements Judgement {
    public Preference(double chosen) {
      this(chosen, List.of(), Map.of());
    }
  }

  /**
   * The order of several answers in which each was compared with each.
   *
   * @param ranking indices of the answers, the best first
   * @param winRates of each answer: the share of its comparisons that it won, ties counting half
   * @param explanations one for each answer, or none
   */
  record Ranking(int[] ranking, double[] winRates, List<Explanation> explanations)
      implements Judgement {}

  /** Why this model cannot judge the row. */
  record Refusal(String reason) implements Judgement {}
}
