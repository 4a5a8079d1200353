package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Cast;
import assay.autograd.op.GatherRows;
import assay.autograd.op.MatMul;
import assay.autograd.op.Multiply;
import assay.nn.Linear;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Absolute-rating multi-objective reward model with a mixture of experts (Wang et al. 2024,
 * "Interpretable Preferences via Multi-Objective Reward Modeling and Mixture-of-Experts"): a
 * transformer, a linear map to K rewards with names, and a gate that says from the prompt how much
 * each counts.
 *
 * <pre>
 * rewards = W h_last             one for each objective, such as helpfulness
 * gate    = GatingNetwork(h_gate)
 * score   = sum over objectives of gate * (rewards T)
 * </pre>
 *
 * <p>T takes a share of the verbosity's reward off the others ({@link
 * assay.rm.armorm.VerbosityDebiasing}). S sequences, R rows that are read, K objectives. The heads
 * compute in F32, and are not trained by gradients through this network but one after the other
 * ({@link assay.rm.armorm.ArmoRmTask}).
 */
public final class ArmoRmNetwork extends RewardNetwork {
  static final String REGRESSION = "regression_layer";
  static final String TRANSFORM = "reward_transform_matrix";

  private final ArmoRmConfig armoRm;
  private final List<Parameter> trunkParameters;
  private final Linear regression;
  private final Parameter transform; // T, [K, K]
  private final GatingNetwork gating;

  /**
   * What the heads say of S sequences.
   *
   * @param rewards {@code [S, K]}, before the transform: what attributes' ratings are compared with
   * @param gate {@code [S, K]}
   * @param scores {@code [S, 1]}
   */
  record Heads(Variable rewards, Variable gate, Variable scores) {}

  /**
   * Makes the parameters; their values are not set.
   *
   * @param store empty; closed with this. No gradient is needed: heads are fitted elsewhere
   */
  public ArmoRmNetwork(TransformerConfig config, ArmoRmConfig armoRm, ParameterStore store) {
    super(config, store);
    this.armoRm = armoRm;
    this.trunkParameters = store().all();
    int objectives = armoRm.numObjectives();
    regression = new Linear(store(), DType.F32, REGRESSION, objectives, config.hiddenSize(), false);
    transform = store().create(DType.F32, TRANSFORM, objectives, objectives);
    gating = new GatingNetwork(store(), armoRm, config.hiddenSize());
  }

  Heads heads(Tape tape, PackedRows rows, boolean checkpointing) {
    List<Variable> states = statesAt(tape, rows, checkpointing, rows.readRows(), gateRows(rows));
    Variable rewards = regression.forward(states.get(0)); // [S, K]
    Variable gate = gating.forward(states.get(1)); // [S, K]
    Variable adjusted = rewards.apply(new MatMul(false), transform.on(tape)); // [S, K]
    Variable scores = sumOverObjectives(gate.apply(new Multiply(), adjusted)); // [S, 1]
    return new Heads(rewards, gate, scores);
  }

  @Override
  public Variable scores(Tape tape, PackedRows rows, boolean checkpointing) {
    return heads(tape, rows, checkpointing).scores(); // [S, 1]
  }

  /** A row for each sequence: its score, K rewards before the transform, the K of the gate. */
  @Override
  public double[][] outputs(PackedRows rows) {
    try (TensorArena arena = TensorArena.open(store().device(), "activations")) {
      Heads heads = heads(Tape.inference(arena), rows, false);
      double[][] scores = toRows(heads.scores().value());
      double[][] rewards = toRows(heads.rewards().value());
      double[][] gate = toRows(heads.gate().value());
      double[][] outputs = new double[scores.length][];
      int objectives = armoRm.numObjectives();
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = Arrays.copyOf(scores[i], 1 + 2 * objectives);
        System.arraycopy(rewards[i], 0, outputs[i], 1, objectives);
        System.arraycopy(gate[i], 0, outputs[i], 1 + objectives, objectives);
      }
      return outputs;
    }
  }

  /**
   * Final states in F32, from one pass through the trunk.
   *
   * @param wanted lists of rows; a row may stand in several, or more than once
   * @return for each list {@code [its rows, hidden]}
   */
  public List<Variable> statesAt(
      Tape tape, PackedRows rows, boolean checkpointing, int[]... wanted) {
    int[] readRows =
        Arrays.stream(wanted).flatMapToInt(Arrays::stream).sorted().distinct().toArray();
    Variable states = states(tape, rows.readAt(readRows), checkpointing); // [R, hidden]
    boolean exact = states.value().dtype() == DType.F32;
    Variable inFloat32 = exact ? states : states.apply(new Cast(DType.F32)); // [R, hidden]
    List<Variable> parts = new ArrayList<>();
    for (int[] part : wanted) {
      int[] places = Arrays.stream(part).map(r -> Arrays.binarySearch(readRows, r)).toArray();
      parts.add(inFloat32.apply(new GatherRows(tape.arena().ints(places))));
    }
    return parts;
  }

  /** For each sequence the row whose state its gate reads; sequences of one prompt share it. */
  private int[] gateRows(PackedRows rows) {
    int[] lastRows = rows.readRows();
    int[] gateRows = new int[lastRows.length];
    for (int i = 0; i < lastRows.length; i++) {
      int[] sequence = rows.sequenceRows(lastRows[i]);
      int[] ids = Arrays.stream(sequence).map(row -> rows.ids()[row]).toArray();
      gateRows[i] = sequence[armoRm.gatePattern().require(ids, "a text")];
    }
    return gateRows;
  }

  /** The sum of each row of {@code [S, K]}, as a product with ones: {@code [S, 1]}. */
  public static Variable sumOverObjectives(Variable x) {
    double[] ones = new double[x.shape().numColumns()];
    Arrays.fill(ones, 1);
    Tape tape = x.tape();
    Shape column = Shape.of(ones.length, 1);
    Variable sum = tape.constant(tape.arena().of(x.value().dtype(), column, ones)); // [K, 1]
    return x.apply(new MatMul(false), sum);
  }

  /** The heads, as in the published checkpoint, whose trunk is stored in BF16. */
  @Override
  boolean isStoredInFloat32(Parameter parameter) {
    return !trunkParameters.contains(parameter);
  }

  /** What config.json says beyond the trunk's. */
  public ArmoRmConfig armoRm() {
    return armoRm;
  }

  /** The parameters that a language model or another reward model has as well. */
  List<Parameter> trunkParameters() {
    return trunkParameters;
  }

  public GatingNetwork gating() {
    return gating;
  }

  /** Sets the regression layer, {@code [K][hidden]}. */
  public void setRegression(double[][] weights) {
    set(store().get(REGRESSION + ".weight"), weights);
  }

  /** Sets T, {@code [K][K]}. */
  public void setTransform(double[][] matrix) {
    set(transform, matrix);
  }

  private void set(Parameter parameter, double[][] rows) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    try (TensorArena scratch = TensorArena.open(store().device(), "scratch")) {
      parameter.set(scratch.of(DType.F32, parameter.shape(), flat));
    }
  }
}
