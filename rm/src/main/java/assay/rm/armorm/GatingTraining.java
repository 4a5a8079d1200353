package assay.rm.armorm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.GatherRows;
import assay.autograd.op.Multiply;
import assay.autograd.op.Softmax;
import assay.nn.ParameterStore;
import assay.rm.BradleyTerryLoss;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.train.TrainingTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Stage 2: trains the gate on preferences, with everything before it fixed (Wang et al. 2024,
 * section 2.2).
 *
 * <p>{@code loss = mean of -log sigmoid(gate(prompt) . (r_chosen - r_rejected))}
 *
 * <p>where r are the objectives' rewards after the transform T. Since trunk, regression and T are
 * fixed, a pair is one state and two lists of rewards, made once. B pairs of a batch, N of all, K
 * objectives.
 *
 * <p>In the published script the softmax runs over the two sides of a pair, which have the same
 * prompt, and T is left out. Then the gate can learn nothing but its one factor, and is scored with
 * another T than it was trained for. {@link Defects#RLHFLOW} does the same.
 */
final class GatingTraining implements TrainingTask<int[]>, AutoCloseable {
  private static final int ROWS_AT_ONCE = 1024;

  /** Whose behaviour to follow. */
  enum Defects {
    /** What the paper says. */
    NONE,
    /** What the published script does: softmax over the pair. The caller leaves T out. */
    RLHFLOW
  }

  private final ParameterStore store;
  private final GatingNetwork gating;
  private final TensorArena data;
  private final Tensor prompts; // [N, hidden]
  private final Tensor rewards; // [2 N, K]: row 2i the chosen, row 2i + 1 the rejected answer
  private final double dropout;
  private final long seed;
  private final Defects defects;
  private long step;

  /**
   * Takes the data to the device. The gate's weights are not set.
   *
   * @param prompts states of the gate's tokens, {@code [N][hidden]}
   * @param chosen the chosen answers' rewards, after T, {@code [N][K]}
   * @param rejected likewise
   * @param dropout the probability, while training
   * @param seed of the dropout
   */
  GatingTraining(
      Device device,
      ArmoRmConfig config,
      EmbeddedRows prompts,
      float[][] chosen,
      float[][] rejected,
      double dropout,
      long seed,
      Defects defects) {
    this.dropout = dropout;
    this.seed = seed;
    this.defects = defects;
    store = new ParameterStore(device, DType.F32, true);
    gating = new GatingNetwork(store, config, prompts.hiddenSize());
    data = TensorArena.open(device, "embeddings");
    this.prompts = data.empty(DType.F32, prompts.numRows(), prompts.hiddenSize());
    prompts.forEach(
        (firstRow, states) ->
            this.prompts.rows(firstRow, firstRow + states.length).copyFrom(flatten(states)));
    rewards = data.empty(DType.F32, 2 * chosen.length, config.numObjectives());
    float[][] both = new float[2 * chosen.length][];
    for (int i = 0; i < chosen.length; i++) {
      both[2 * i] = chosen[i];
      both[2 * i + 1] = rejected[i];
    }
    rewards.copyFrom(flatten(both));
  }

  private static float[] flatten(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * rows[0].length, rows[0].length);
    }
    return flat;
  }

  GatingNetwork gating() {
    return gating;
  }

  ParameterStore store() {
    return store;
  }

  @Override
  public List<MicroBatch> microBatches(int[] batch) {
    Optional<Dropout> masks =
        dropout == 0
            ? Optional.empty()
            : Optional.of(new Dropout(dropout, seed * 1_000_003 + step++));
    return List.of(tape -> loss(tape, batch, masks));
  }

  /** The loss of some pairs, {@code [1]}. */
  Variable loss(Tape tape, int[] pairs, Optional<Dropout> masks) {
    double[] margins = new double[pairs.length];
    return scores(tape, pairs, masks).apply(new BradleyTerryLoss(margins, 0, pairs.length));
  }

  /** Scores of both sides of some pairs, {@code [2 B, 1]}. */
  private Variable scores(Tape tape, int[] pairs, Optional<Dropout> masks) {
    int[] sides = new int[2 * pairs.length];
    for (int i = 0; i < sides.length; i++) {
      sides[i] = 2 * pairs[i / 2] + i % 2;
    }
    Variable answers = gather(tape, rewards, sides); // [2 B, K]
    Variable gate = gate(tape, pairs, masks); // [2 B, K]
    return ArmoRmNetwork.sumOverObjectives(gate.apply(new Multiply(), answers));
  }

  /** The objectives' weights for both sides of some pairs, {@code [2 B, K]}. */
  private Variable gate(Tape tape, int[] pairs, Optional<Dropout> masks) {
    int[] twice = new int[2 * pairs.length];
    for (int i = 0; i < twice.length; i++) {
      twice[i] = defects == Defects.NONE ? i / 2 : pairs[i / 2];
    }
    if (defects == Defects.RLHFLOW) {
      Variable logits = gating.logits(gather(tape, prompts, twice), masks); // [2 B, K]
      return gating.scale(logits.apply(new SoftmaxOverPair()));
    }
    Variable logits = gating.logits(gather(tape, prompts, pairs), masks); // [B, K]
    Variable gate = gating.scale(logits.apply(new Softmax())); // [B, K]
    return gate.apply(new GatherRows(tape.arena().ints(twice)));
  }

  private static Variable gather(Tape tape, Tensor rows, int[] indices) {
    return tape.constant(rows).apply(new GatherRows(tape.arena().ints(indices)));
  }

  /**
   * Scores and gates of pairs, without dropout.
   *
   * @param scores {@code [2 pairs]}: chosen, rejected, chosen, ...
   * @param gates {@code [pairs][K]}
   */
  record Evaluation(float[] scores, float[][] gates) {}

  Evaluation evaluate(int[] pairs) {
    float[] scores = new float[2 * pairs.length];
    List<float[]> gates = new ArrayList<>();
    for (int start = 0; start < pairs.length; start += ROWS_AT_ONCE) {
      int end = Math.min(pairs.length, start + ROWS_AT_ONCE);
      int[] part = Arrays.copyOfRange(pairs, start, end);
      try (TensorArena arena = TensorArena.open(store.device(), "activations")) {
        Tape tape = Tape.inference(arena);
        float[] some = scores(tape, part, Optional.empty()).value().toFloats();
        System.arraycopy(some, 0, scores, 2 * start, some.length);
        Variable gate = gate(tape, part, Optional.empty()); // [2 B, K]
        float[] flat = gate.value().toFloats();
        int columns = gate.shape().numColumns();
        for (int i = 0; i < part.length; i++) {
          gates.add(Arrays.copyOfRange(flat, 2 * i * columns, (2 * i + 1) * columns));
        }
      }
    }
    return new Evaluation(scores, gates.toArray(float[][]::new));
  }

  @Override
  public String describe(int[] batch) {
    return batch.length + " pairs, drawn with replacement";
  }

  @Override
  public void close() {
    data.close();
    store.close();
  }
}
