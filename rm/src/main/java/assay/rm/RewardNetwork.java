package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.Transformer;
import assay.nn.TransformerConfig;
import assay.tensor.DType;
import assay.tensor.Device;

/**
 * A transformer and the head that a {@link RewardMethod} puts on it. The weights, and nothing of
 * texts or files.
 *
 * <p>R is the number of packed sequences, each read at its last token.
 */
public abstract sealed class RewardNetwork implements AutoCloseable
    permits BradleyTerryNetwork, PreferenceNetwork {
  private final ParameterStore store;
  private final Transformer trunk;

  /**
   * Makes the trunk's parameters; their values are not set.
   *
   * @param dtype what the trunk computes in: F32, or on a GPU BF16; heads say for themselves
   * @param training true to hold gradients too
   */
  RewardNetwork(TransformerConfig config, Device device, DType dtype, boolean training) {
    store = new ParameterStore(device, dtype, training);
    trunk = new Transformer(config, store);
  }

  /**
   * What the model says of R packed sequences.
   *
   * @param checkpointing trade a second forward for the memory of all activations
   * @return {@code [R, K]}, F32: column 0 is the score; a method that knows more of a sequence than
   *     its score has further columns
   */
  public abstract Variable scores(Tape tape, PackedRows rows, boolean checkpointing);

  /** Final states of the read rows: {@code [R, hidden]}. */
  final Variable states(Tape tape, PackedRows rows, boolean checkpointing) {
    return trunk.forward(tape, rows.ids(), rows.segments(), rows.readRows(), checkpointing);
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
