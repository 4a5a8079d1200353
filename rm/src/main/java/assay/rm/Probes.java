package assay.rm;

import assay.rm.text.Message;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

  /** Scores the method's probe texts, or some runs of token ids if there is no tokenizer. */
  static List<Contract.Probe> make(
      RewardMethod method, RewardNetwork network, boolean hasTokenizer) {
    List<Contract.Probe> unscored = new ArrayList<>();
    for (int i = 0; i < method.probeConversations().size(); i++) {
      if (hasTokenizer) {
        List<Message> conversation = method.probeConversations().get(i);
        int[] ids = method.encodeProbe(conversation);
        unscored.add(new Contract.Probe(conversation, ids, Double.NaN));
      } else {
        int[] ids = new int[NUM_TOKENS];
        int stride = 7919 * (i + 1); // a prime: the ids are spread over the vocabulary
        Arrays.setAll(ids, j -> (j + 1) * stride % network.config().vocabSize());
        unscored.add(new Contract.Probe(List.of(), method.probeOf(ids), Double.NaN));
      }
    }
    double[] rewards = score(network, unscored);
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
   * @param withTexts whether their tokens are to be made again too
   * @throws InvalidInputException if one differs: the folder's files do not belong together, or
   *     this program reads them in another way than the one that wrote them
   */
  static void check(
      RewardMethod method,
      RewardNetwork network,
      boolean withTexts,
      Contract contract,
      String source) {
    List<Contract.Probe> probes = contract.probes();
    for (Contract.Probe probe : probes) {
      if (withTexts && !probe.conversation().isEmpty()) {
        int[] ids = method.encodeProbe(probe.conversation());
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
    double[] rewards = score(network, probes);
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

  private static double[] score(RewardNetwork network, List<Contract.Probe> probes) {
    List<int[]> sequences = probes.stream().map(Contract.Probe::ids).toList();
    return sequences.isEmpty()
        ? new double[0]
        : Arrays.stream(network.outputs(PackedRows.sequences(sequences)))
            .mapToDouble(scores -> scores[0])
            .toArray();
  }
}
