package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.MatMul;
import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.tensor.Shape;
import assay.tensor.TensorArena;

/**
 * A transformer with several linear heads, whose weighted sum is the reward.
 *
 * <p>R sequences, K heads.
 */
public final class LinearHeadsNetwork extends ClassifierNetwork {
  private final double[] weights;

  /**
   * Makes the parameters; their values are not set. The heads compute in F32.
   *
   * @param weights how much each head counts in the reward, {@code [K]}
   */
  public LinearHeadsNetwork(TransformerConfig config, double[] weights, ParameterStore store) {
    super(config, weights.length, false, store);
    this.weights = weights.clone();
  }

  /** The rewards: {@code [R, 1]}. */
  @Override
  public Variable scores(Tape tape, PackedRows rows, boolean checkpointing) {
    return weighted(heads(tape, rows, checkpointing), weights); // [R, 1]
  }

  /**
   * The heads' sum, weighted.
   *
   * @param heads {@code [R, K]}
   * @return {@code [R, 1]}
   */
  static Variable weighted(Variable heads, double... weights) {
    Tape tape = heads.tape();
    Shape row = Shape.of(1, weights.length);
    Variable factors =
        tape.constant(tape.arena().of(heads.value().dtype(), row, weights)); // [1, K]
    return heads.apply(new MatMul(true), factors); // [R, 1]
  }

  /** A row for each sequence: its reward, and what each of the K heads says. */
  @Override
  public double[][] outputs(PackedRows rows) {
    try (TensorArena arena = TensorArena.open(store().device(), "activations")) {
      Variable heads = heads(Tape.inference(arena), rows, false); // [R, K]
      double[][] each = toRows(heads.value());
      double[][] rewards = toRows(weighted(heads, weights).value());
      double[][] outputs = new double[each.length][1 + weights.length];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i][0] = rewards[i][0];
        System.arraycopy(each[i], 0, outputs[i], 1, weights.length);
      }
      return outputs;
    }
  }
}
