package assay.rm;

import assay.rm.data.PreferencePair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Rewards of preference pairs without training on them. */
public final class PreferenceEvaluation {
  /** Among these, what sides have in common at the start is computed once. */
  private static final int PAIRS_AT_ONCE = 64;

  private PreferenceEvaluation() {}

  /** Receives the rewards of each pair, in order. */
  public interface Sink {
    void accept(PreferencePair pair, double chosen, double rejected);
  }

  /**
   * Scores all pairs in order.
   *
   * @param stop asked between parts; true ends the evaluation early
   */
  public static PreferenceStatistics run(
      RewardMethod method,
      RewardNetwork network,
      List<PreferencePair> pairs,
      PreferenceTask.Computation computation,
      BooleanSupplier stop,
      Sink sink) {
    PreferenceStatistics statistics = new PreferenceStatistics();
    for (int start = 0; start < pairs.size(); start += PAIRS_AT_ONCE) {
      List<PreferencePair> some =
          pairs.subList(start, Math.min(pairs.size(), start + PAIRS_AT_ONCE));
      double[] scores = scores(network, some, computation, stop);
      if (scores == null) {
        break;
      }
      for (int i = 0; i < some.size(); i++) {
        PreferencePair pair = some.get(i);
        PairRewards rewards = method.rewards(scores[2 * i], scores[2 * i + 1]);
        statistics.add(rewards.chosen(), rewards.rejected(), pair.margin());
        sink.accept(pair, rewards.chosen(), rewards.rejected());
      }
    }
    return statistics;
  }

  /** Scores of both sides of some pairs, chosen before rejected; null if it was stopped. */
  private static double[] scores(
      RewardNetwork network,
      List<PreferencePair> pairs,
      PreferenceTask.Computation computation,
      BooleanSupplier stop) {
    List<int[]> sides = new ArrayList<>();
    for (PreferencePair pair : pairs) {
      sides.add(pair.chosenIds());
      sides.add(pair.rejectedIds());
    }
    double[] scores = new double[sides.size()];
    boolean share = computation.sharePrompts();
    for (int[] batch : PrefixBatches.cut(sides, computation.microBatchTokens(), share)) {
      if (stop.getAsBoolean()) {
        return null;
      }
      List<int[]> part = Arrays.stream(batch).mapToObj(sides::get).toList();
      PackedRows rows = share ? PackedRows.groups(List.of(part)) : PackedRows.sequences(part);
      double[][] outputs = network.outputs(rows);
      for (int i = 0; i < batch.length; i++) {
        scores[batch[i]] = outputs[i][0];
      }
    }
    return scores;
  }
}
