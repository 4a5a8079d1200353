package assay.rm;

import assay.rm.data.PreferencePair;
import assay.tensor.comm.Communicator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Rewards of preference pairs without training on them. */
public final class PreferenceEvaluation {
  /** Among these, what sides have in common at the start is computed once. */
  static final int PAIRS_AT_ONCE = 64;

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
      RewardTask.Computation computation,
      Communicator ranks,
      BooleanSupplier stop,
      Sink sink) {
    PreferenceStatistics statistics = new PreferenceStatistics();
    forEach(
        network,
        pairs,
        computation,
        ranks,
        stop,
        (index, chosen, rejected) -> {
          PreferencePair pair = pairs.get(index);
          PairRewards rewards = method.rewards(chosen, rejected);
          statistics.add(rewards.chosen(), rewards.rejected(), pair.margin());
          sink.accept(pair, rewards.chosen(), rewards.rejected());
        });
    return statistics;
  }

  /** Receives what the network says of both sides of each pair, in order. */
  interface OutputSink {
    void accept(int index, double[] chosen, double[] rejected);
  }

  /**
   * Reads all pairs in order.
   *
   * @param stop asked between parts; true ends it early
   * @return false if it was stopped
   */
  static boolean forEach(
      RewardNetwork network,
      List<PreferencePair> pairs,
      RewardTask.Computation computation,
      Communicator ranks,
      BooleanSupplier stop,
      OutputSink sink) {
    for (int start = 0; start < pairs.size(); start += PAIRS_AT_ONCE) {
      List<PreferencePair> some =
          pairs.subList(start, Math.min(pairs.size(), start + PAIRS_AT_ONCE));
      Optional<double[][]> outputs =
          PrefixBatches.outputs(
              network,
              sides(some),
              computation.microBatchTokens(),
              computation.sharePrompts(),
              ranks,
              stop);
      if (outputs.isEmpty()) {
        return false;
      }
      for (int i = 0; i < some.size(); i++) {
        sink.accept(start + i, outputs.get()[2 * i], outputs.get()[2 * i + 1]);
      }
    }
    return true;
  }

  /** The tokens of both sides of some pairs, chosen before rejected. */
  static List<int[]> sides(List<PreferencePair> pairs) {
    List<int[]> sides = new ArrayList<>();
    for (PreferencePair pair : pairs) {
      sides.add(pair.chosenIds());
      sides.add(pair.rejectedIds());
    }
    return sides;
  }
}
