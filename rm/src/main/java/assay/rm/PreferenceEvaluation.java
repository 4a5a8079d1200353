package assay.rm;

import assay.autograd.Tape;
import assay.rm.data.PreferencePair;
import assay.tensor.TensorArena;
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
      RewardNetwork network,
      List<PreferencePair> pairs,
      BradleyTerryTask.Computation computation,
      BooleanSupplier stop,
      Sink sink) {
    PreferenceStatistics statistics = new PreferenceStatistics();
    int[] all = new int[pairs.size()];
    java.util.Arrays.setAll(all, i -> i);
    for (int[] part : BradleyTerryTask.cut(pairs, all, computation)) {
      if (stop.getAsBoolean()) {
        break;
      }
      PackedRows rows = BradleyTerryTask.pack(pairs, part, computation.sharePrompts());
      float[] rewards = score(network, rows);
      for (int i = 0; i < part.length; i++) {
        PreferencePair pair = pairs.get(part[i]);
        statistics.add(rewards[2 * i], rewards[2 * i + 1], pair.margin());
        sink.accept(pair, rewards[2 * i], rewards[2 * i + 1]);
      }
    }
    return statistics;
  }

  /** One reward for each read row. */
  static float[] score(RewardNetwork network, PackedRows rows) {
    try (TensorArena arena = TensorArena.open(network.store().device(), "activations")) {
      Tape tape = Tape.inference(arena);
      return network.rewards(tape, rows, false).value().toFloats();
    }
  }
}
