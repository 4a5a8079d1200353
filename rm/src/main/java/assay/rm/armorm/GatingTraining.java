package assay.rm.armorm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Dropout;
import assay.autograd.op.GatherRows;
import assay.autograd.op.Multiply;
import assay.nn.ParameterStore;
import assay.rm.ArmoRmConfig;
import assay.rm.ArmoRmNetwork;
import assay.rm.GatingNetwork;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Stage 2: trains the gate on preferences, with everything before it fixed (Wang et al. 2024,
 * section 2.2).
 *
 * <p>{@code loss = mean of -log sigmoid(gate(prompt) . (r_chosen - r_rejected))}
 *
 * <p>where r are the objectives' rewards after the transform T. B pairs of a batch, K objectives.
 *
 * <p>In the published script the softmax runs over the two sides of a pair, which have the same
 * prompt, and T is left out. Then the gate can learn nothing but its one factor, and is scored with
 * another T than it was trained for. {@link Defects#RLHFLOW} does the same in training; scores are
 * always those of the model.
 */
final class GatingTraining implements AutoCloseable {
  private static final int ROWS_AT_ONCE = 1024;

  /** Whose behaviour to follow in training. */
  enum Defects {
    /** What the paper says. */
    NONE,
    /** What the published script does: softmax over the pair. The caller leaves T out. */
    RLHFLOW
  }

  private final ParameterStore store;
  private final GatingNetwork gating;
  private final Defects defects;

  /** Makes a gate with gradients; its weights are not set. */
  GatingTraining(Device device, ArmoRmConfig config, int hiddenSize, Defects defects) {
    this.store = new ParameterStore(device, DType.F32, true);
    this.gating = new GatingNetwork(store, config, hiddenSize);
    this.defects = defects;
  }

  GatingNetwork gating() {
    return gating;
  }

  ParameterStore store() {
    return store;
  }

  /**
   * What both answers of some pairs score in training, {@code [2 B, 1]}: chosen, rejected, chosen,
   * ...
   */
  Variable scores(Tape tape, GatePairs data, int[] pairs, Optional<Dropout> masks) {
    Variable gate =
        switch (defects) {
          case NONE -> gate(tape, data, pairs, masks);
          case RLHFLOW -> gateOfUpstream(tape, data, pairs, masks);
        };
    return weigh(gate, data, pairs);
  }

  /** The sums of the pairs' rewards under the gate's weights {@code [2 B, K]}: {@code [2 B, 1]}. */
  private static Variable weigh(Variable gate, GatePairs data, int[] pairs) {
    int[] sides = new int[2 * pairs.length];
    for (int i = 0; i < sides.length; i++) {
      sides[i] = 2 * pairs[i / 2] + i % 2;
    }
    Variable answers = gather(gate.tape(), data.rewards(), sides); // [2 B, K]
    return ArmoRmNetwork.sumOverObjectives(gate.apply(new Multiply(), answers));
  }

  /** The objectives' weights for both sides of some pairs, which are the same: {@code [2 B, K]}. */
  private Variable gate(Tape tape, GatePairs data, int[] pairs, Optional<Dropout> masks) {
    Variable gate = gating.forward(gather(tape, data.prompts(), pairs), masks); // [B, K]
    int[] twice = new int[2 * pairs.length];
    Arrays.setAll(twice, i -> i / 2);
    return gate.apply(new GatherRows(tape.arena().ints(twice)));
  }

  /** The published script's, each side through the network by itself: {@code [2 B, K]}. */
  private Variable gateOfUpstream(Tape tape, GatePairs data, int[] pairs, Optional<Dropout> masks) {
    int[] twice = new int[2 * pairs.length];
    Arrays.setAll(twice, i -> pairs[i / 2]);
    Variable logits = gating.logits(gather(tape, data.prompts(), twice), masks); // [2 B, K]
    return gating.scale(logits.apply(new SoftmaxOverPair()));
  }

  private static Variable gather(Tape tape, Tensor rows, int[] indices) {
    return tape.constant(rows).apply(new GatherRows(tape.arena().ints(indices)));
  }

  /**
   * Scores and gates of pairs, as the model has them.
   *
   * @param scores {@code [2 pairs]}: chosen, rejected, chosen, ...
   * @param gates {@code [pairs][K]}
   */
  record Evaluation(float[] scores, float[][] gates) {}

  Evaluation evaluate(GatePairs data) {
    float[] scores = new float[2 * data.numPairs()];
    float[][] gates = new float[data.numPairs()][];
    for (int start = 0; start < gates.length; start += ROWS_AT_ONCE) {
      int[] part = IntStream.range(start, Math.min(gates.length, start + ROWS_AT_ONCE)).toArray();
      try (TensorArena arena = TensorArena.open(store.device(), "activations")) {
        Variable gate = gate(Tape.inference(arena), data, part, Optional.empty()); // [2 B, K]
        float[] some = weigh(gate, data, part).value().toFloats();
        System.arraycopy(some, 0, scores, 2 * start, some.length);
        float[] flat = gate.value().toFloats();
        int columns = gate.shape().numColumns();
        for (int i = 0; i < part.length; i++) {
          gates[part[i]] = Arrays.copyOfRange(flat, 2 * i * columns, (2 * i + 1) * columns);
        }
      }
    }
    return new Evaluation(scores, gates);
  }

  @Override
  public void close() {
    store.close();
  }
}
