package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Cast;
import assay.nn.Linear;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.Transformer;
import assay.nn.TransformerConfig;
import assay.tensor.DType;
import assay.tensor.Device;

/**
 * A transformer with a Bradley-Terry head: one linear map from the final state of a sequence's last
 * token to its reward, without bias. The weights, and nothing of texts or files.
 */
public final class RewardNetwork implements AutoCloseable {
  /** The head's weight {@code [1, hidden]}, named as transformers' sequence classifiers do. */
  public static final String HEAD = "score";

  private final ParameterStore store;
  private final Transformer trunk;
  private final Linear head;

  /**
   * Makes the parameters; their values are not set.
   *
   * @param dtype what the trunk computes in: F32, or on a GPU BF16; the head computes in F32
   * @param training true to hold gradients too
   */
  public RewardNetwork(TransformerConfig config, Device device, DType dtype, boolean training) {
    store = new ParameterStore(device, dtype, training);
    trunk = new Transformer(config, store);
    head = new Linear(store, DType.F32, HEAD, 1, config.hiddenSize(), false);
  }

  /**
   * The rewards of R packed sequences.
   *
   * @param checkpointing trade a second forward for the memory of all activations
   * @return {@code [R, 1]}
   */
  public Variable rewards(Tape tape, PackedRows rows, boolean checkpointing) {
    Variable states =
        trunk.forward(tape, rows.ids(), rows.segments(), rows.readRows(), checkpointing);
    boolean exact = states.value().dtype() == DType.F32;
    return head.forward(exact ? states : states.apply(new Cast(DType.F32))); // [R, 1]
  }

  /** All parameters, trunk first. */
  public ParameterStore store() {
    return store;
  }

  public Transformer trunk() {
    return trunk;
  }

  /** The head's weight {@code [1, hidden]}. */
  public Parameter headWeight() {
    return store.get(HEAD + ".weight");
  }

  public TransformerConfig config() {
    return trunk.config();
  }

  /** Draws a new head from N(0, initializer_range), as transformers does. */
  public void drawHead(long seed) {
    store.drawNormal(headWeight(), config().initializerRange(), seed);
  }

  /**
   * Draws all weights: matrices from N(0, initializer_range), biases 0, norms at the weight that
   * multiplies by one.
   */
  public void drawAll(long seed) {
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
  public void close() {
    store.close();
  }
}
