package assay.rm.armorm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Cast;
import assay.autograd.op.GatherRows;
import assay.autograd.op.MatMul;
import assay.autograd.op.Multiply;
import assay.nn.Linear;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.Transformer;
import assay.nn.TransformerConfig;
import assay.tensor.DType;
import assay.tensor.Device;
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
 * <p>T takes a share of the verbosity's reward off the others (VerbosityDebiasing). S sequences, R
 * rows that are read, K objectives. The heads compute in F32.
 */
public final class ArmoRmNetwork implements AutoCloseable {
  static final String REGRESSION = "regression_layer";
  static final String TRANSFORM = "reward_transform_matrix";

  private final ArmoRmConfig config;
  private final ParameterStore store;
  private final Transformer trunk;
  private final List<Parameter> trunkParameters;
  private final Linear regression;
  private final Parameter transform; // T, [K, K]
  private final GatingNetwork gating;

  /**
   * The numbers for each of S sequences.
   *
   * @param rewards {@code [S][K]}, before the transform: what attributes' ratings are compared with
   * @param gate {@code [S][K]}
   * @param scores {@code [S]}
   */
  public record Output(float[][] rewards, float[][] gate, float[] scores) {}

  /**
   * Makes the parameters; their values are not set.
   *
   * @param dtype what the trunk computes in: F32, or on a GPU BF16
   */
  public ArmoRmNetwork(
      TransformerConfig trunkConfig, ArmoRmConfig config, Device device, DType dtype) {
    this.config = config;
    int objectives = config.numObjectives();
    store = new ParameterStore(device, dtype, false);
    trunk = new Transformer(trunkConfig, store);
    trunkParameters = store.all();
    regression =
        new Linear(store, DType.F32, REGRESSION, objectives, trunkConfig.hiddenSize(), false);
    transform = store.create(DType.F32, TRANSFORM, objectives, objectives);
    gating = new GatingNetwork(store, config, trunkConfig.hiddenSize());
  }

  /**
   * Scores groups of token sequences; what a group's have in common at the start is computed once.
   * No score depends on the others.
   *
   * @throws assay.tensor.InvalidInputException if a sequence has no gate token
   */
  public Output score(List<List<int[]>> groups) {
    List<List<GatedRows.Sequence>> gated = new ArrayList<>();
    int number = 0;
    for (List<int[]> group : groups) {
      List<GatedRows.Sequence> sequences = new ArrayList<>();
      for (int[] ids : group) {
        int gate = config.gatePattern().require(ids, "text " + ++number);
        sequences.add(new GatedRows.Sequence(ids, gate));
      }
      gated.add(sequences);
    }
    return score(GatedRows.groups(gated));
  }

  private Output score(GatedRows rows) {
    try (TensorArena arena = TensorArena.open(store.device(), "activations")) {
      Tape tape = Tape.inference(arena);
      Variable states = states(tape, rows); // [R, hidden]
      Variable last = read(states, rows.lasts()); // [S, hidden]
      Variable rewards = regression.forward(last); // [S, K]
      Variable gate = gating.forward(read(states, rows.gates())); // [S, K]
      Variable adjusted = rewards.apply(new MatMul(false), transform.on(tape)); // [S, K]
      Variable scores = sumOverObjectives(gate.apply(new Multiply(), adjusted)); // [S, 1]
      return new Output(
          toRows(rewards.value().toFloats()),
          toRows(gate.value().toFloats()),
          scores.value().toFloats());
    }
  }

  /** Final states of the read rows in F32: {@code [R, hidden]}. */
  Variable states(Tape tape, GatedRows gated) {
    Variable states =
        trunk.forward(tape, gated.rows().ids(), gated.rows().segments(), gated.readRows(), false);
    return states.value().dtype() == DType.F32 ? states : states.apply(new Cast(DType.F32));
  }

  /** Some of the read rows: {@code [indices, hidden]}. */
  static Variable read(Variable states, int[] indices) {
    return states.apply(new GatherRows(states.tape().arena().ints(indices)));
  }

  /** The sum of each row of {@code [S, K]}, as a product with ones: {@code [S, 1]}. */
  static Variable sumOverObjectives(Variable x) {
    double[] ones = new double[x.shape().numColumns()];
    Arrays.fill(ones, 1);
    Tape tape = x.tape();
    Shape column = Shape.of(ones.length, 1);
    Variable sum = tape.constant(tape.arena().of(x.value().dtype(), column, ones)); // [K, 1]
    return x.apply(new MatMul(false), sum);
  }

  private float[][] toRows(float[] flat) {
    int columns = config.numObjectives();
    float[][] rows = new float[flat.length / columns][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
    }
    return rows;
  }

  public ArmoRmConfig config() {
    return config;
  }

  /** All parameters, trunk first. */
  public ParameterStore store() {
    return store;
  }

  public Transformer trunk() {
    return trunk;
  }

  /** The parameters that a language model or another reward model has as well. */
  List<Parameter> trunkParameters() {
    return trunkParameters;
  }

  public GatingNetwork gating() {
    return gating;
  }

  /** Sets the regression layer, {@code [K][hidden]}. */
  void setRegression(double[][] weights) {
    set(store.get(REGRESSION + ".weight"), weights);
  }

  /** Sets T, {@code [K][K]}. */
  void setTransform(double[][] matrix) {
    set(transform, matrix);
  }

  private void set(Parameter parameter, double[][] rows) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    try (TensorArena scratch = TensorArena.open(store.device(), "scratch")) {
      parameter.set(scratch.of(DType.F32, parameter.shape(), flat));
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
