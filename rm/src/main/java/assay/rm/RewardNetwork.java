package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.Transformer;
import assay.nn.TransformerConfig;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/**
 * A transformer and the head that a {@link RewardMethod} puts on it. The weights, and nothing of
 * texts or files.
 *
 * <p>R is the number of packed sequences, each read at its last token.
 */
public abstract sealed class RewardNetwork implements AutoCloseable
    permits ClassifierNetwork, PreferenceNetwork, ArmoRmNetwork {
  private final ParameterStore store;
  private final Transformer trunk;

  /**
   * Makes the trunk's parameters; their values are not set.
   *
   * @param store empty; from now on the network's, which closes it. The trunk computes in its
   *     dtype, heads say for themselves
   */
  RewardNetwork(TransformerConfig config, ParameterStore store) {
    this.store = store;
    trunk = new Transformer(config, store);
  }

  /**
   * The scores of R packed sequences.
   *
   * @param checkpointing trade a second forward for the memory of all activations
   * @return {@code [R, 1]}, F32
   */
  public abstract Variable scores(Tape tape, PackedRows rows, boolean checkpointing);

  /**
   * All that the model says of packed sequences, without training on it.
   *
   * @return a row for each sequence: first its score; a method that knows more than that has
   *     further columns
   */
  public double[][] outputs(PackedRows rows) {
    try (TensorArena arena = TensorArena.open(store.device(), "activations")) {
      return toRows(scores(Tape.inference(arena), rows, false).value());
    }
  }

  static double[][] toRows(Tensor matrix) {
    float[] flat = matrix.toFloats();
    int columns = matrix.numColumns();
    double[][] rows = new double[flat.length / columns][columns];
    for (int i = 0; i < flat.length; i++) {
      rows[i / columns][i % columns] = flat[i];
    }
    return rows;
  }

  /** Final states of the read rows: {@code [R, hidden]}. */
  final Variable states(Tape tape, PackedRows rows, boolean checkpointing) {
    return trunk.forward(tape, rows.ids(), rows.segments(), rows.readRows(), checkpointing);
  }

  /**
   * Whether this parameter is stored in F32 whatever the others are stored in.
   *
   * @return false: a checkpoint is of one dtype, as others expect it
   */
  boolean isStoredInFloat32(Parameter parameter) {
    return false;
  }

  /** All parameters, trunk first. */
  public final ParameterStore store() {
    return store;
  }

  public final Transformer trunk() {
    return trunk;
  }

  public final TransformerConfig config() {
    return trunk.config();
  }

  /**
   * Draws all weights: matrices from N(0, initializer_range), biases 0, norms at the weight that
   * multiplies by one.
   */
  public final void drawAll(long seed) {
    double neutral = config().normAddsOne() ? 0 : 1;
    for (Parameter parameter : store.all()) {
      if (parameter.shape().numDims() > 1) {
        store.drawNormal(parameter, config().initializerRange(), seed);
      } else {
        boolean bias = parameter.name().endsWith(".bias");
        store.fill(parameter, bias ? 0 : neutral);
      }
    }
  }

  @Override
  public final void close() {
    store.close();
  }
}
