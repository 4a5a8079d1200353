package assay.rm;

import assay.rm.data.MicroBatcher;
import assay.rm.data.PreferencePair;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Rewards of preference pairs without training on them. */
public final class PreferenceEvaluation {
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
    int[] all = new int[pairs.size()];
    Arrays.setAll(all, i -> i);
    boolean share = computation.sharePrompts();
    for (int[] part :
        MicroBatcher.cut(
            all, i -> pairs.get(i).computedRows(share), computation.microBatchTokens())) {
      if (stop.getAsBoolean()) {
        break;
      }
      double[][] scores = network.outputs(PackedRows.pairs(pairs::get, part, share));
      for (int i = 0; i < part.length; i++) {
        PreferencePair pair = pairs.get(part[i]);
        PairRewards rewards = method.rewards(scores[2 * i][0], scores[2 * i + 1][0]);
        statistics.add(rewards.chosen(), rewards.rejected(), pair.margin());
        sink.accept(pair, rewards.chosen(), rewards.rejected());
      }
    }
    return statistics;
  }
}
