package assay.rm;

import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The texts whose rewards are kept with a model, and their comparison when it is loaded. */
final class Probes {
  /** Rewards computed in F32 differ by less, on whatever machine; relative to max(1, |reward|). */
  private static final double TOLERANCE = 1e-3;

  /** As above if one of the two was computed in BF16, whose numbers have three digits. */
  private static final double BF16_TOLERANCE = 5e-2;

  private static final String QUESTION = "How do I boil an egg?";

  /** Two answers to one question, and a conversation of two turns. */
  static final List<List<Message>> CONVERSATIONS =
      List.of(
          List.of(
              new Message("user", QUESTION),
              new Message(
                  "assistant",
                  "Put the egg into boiling water and wait seven minutes for a soft yolk, or ten"
                      + " for a firm one. Cool it in cold water, then peel it.")),
          List.of(new Message("user", QUESTION), new Message("assistant", "Who cares? Eggs egg.")),
          List.of(
              new Message("user", "What is 7 times 8?"),
              new Message("assistant", "56."),
              new Message("user", "And plus 4?"),
              new Message("assistant", "That makes 60.")));

  private static final int NUM_TOKENS = 12; // of a probe for a model without a tokenizer

  private Probes() {}

  /** Scores the probe texts, or some runs of token ids if there is no tokenizer. */
  static List<Contract.Probe> make(
      RewardNetwork network, Optional<? extends ConversationEncoder> encoder) {
    List<Contract.Probe> unscored = new ArrayList<>();
    for (int i = 0; i < CONVERSATIONS.size(); i++) {
      if (encoder.isPresent()) {
        List<Message> conversation = CONVERSATIONS.get(i);
        int[] ids = encoder.get().encode(conversation);
        unscored.add(new Contract.Probe(conversation, ids, Double.NaN));
      } else {
        int[] ids = new int[NUM_TOKENS];
        int stride = 7919 * (i + 1); // a prime: the ids are spread over the vocabulary
        Arrays.setAll(ids, j -> (j + 1) * stride % network.config().vocabSize());
        unscored.add(new Contract.Probe(List.of(), ids, Double.NaN));
      }
    }
    float[] rewards = score(network, unscored);
    List<Contract.Probe> scored = new ArrayList<>();
    for (int i = 0; i < rewards.length; i++) {
      Contract.Probe probe = unscored.get(i);
      scored.add(new Contract.Probe(probe.conversation(), probe.ids(), rewards[i]));
    }
    return scored;
  }

  /**
   * Computes the probes' rewards again.
   *
   * @throws InvalidInputException if one differs: the folder's files do not belong together, or
   *     this program reads them in another way than the one that wrote them
   */
  static void check(
      RewardNetwork network,
      Optional<? extends ConversationEncoder> encoder,
      Contract contract,
      String source) {
    List<Contract.Probe> probes = contract.probes();
    for (Contract.Probe probe : probes) {
      if (encoder.isPresent() && !probe.conversation().isEmpty()) {
        int[] ids = encoder.get().encode(probe.conversation());
        if (!Arrays.equals(ids, probe.ids())) {
          throw new InvalidInputException(
              source
                  + ": the tokenizer or chat template is not the one that the model was trained"
                  + " with: a probe text of "
                  + Contract.FILE
                  + " gives other tokens");
        }
      }
    }
    boolean exact = contract.precision() == DType.F32 && network.store().dtype() == DType.F32;
    double tolerance = exact ? TOLERANCE : BF16_TOLERANCE;
    float[] rewards = score(network, probes);
    for (int i = 0; i < rewards.length; i++) {
      double expected = probes.get(i).reward();
      boolean close =
          Math.abs(rewards[i] - expected) <= tolerance * Math.max(1, Math.abs(expected));
      if (!close) { // also if one is NaN
        throw new InvalidInputException(
            source
                + ": probe "
                + i
                + " of "
                + Contract.FILE
                + " had the reward "
                + expected
                + ", but these weights give "
                + rewards[i]
                + "; the weights or config.json are not those that were saved");
      }
    }
  }

  private static float[] score(RewardNetwork network, List<Contract.Probe> probes) {
    List<int[]> sequences = probes.stream().map(Contract.Probe::ids).toList();
    return sequences.isEmpty()
        ? new float[0]
        : PreferenceEvaluation.score(network, PackedRows.sequences(sequences));
  }
}
