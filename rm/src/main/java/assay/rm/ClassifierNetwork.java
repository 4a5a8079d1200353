package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Cast;
import assay.nn.Linear;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.tensor.DType;
import java.util.Optional;

/**
 * A transformer with linear heads, commonly without bias, on the final state of a sequence's last
 * token: what transformers calls a sequence classifier.
 *
 * <p>R sequences, K heads.
 */
public abstract sealed class ClassifierNetwork extends RewardNetwork
    permits BradleyTerryNetwork, LinearHeadsNetwork {
  /** The heads' weight {@code [K, hidden]}, named as transformers' sequence classifiers do. */
  public static final String HEAD = "score";

  private final Linear head;
  private final boolean withBias;

  /** Makes the parameters; their values are not set. The heads compute in F32. */
  ClassifierNetwork(
      TransformerConfig config, int numHeads, boolean withBias, ParameterStore store) {
    super(config, store);
    this.withBias = withBias;
    head = new Linear(store, DType.F32, HEAD, numHeads, config.hiddenSize(), withBias);
  }

  /** What every head says of every sequence: {@code [R, K]}. */
  public final Variable heads(Tape tape, PackedRows rows, boolean checkpointing) {
    Variable states = states(tape, rows, checkpointing); // [R, hidden]
    boolean exact = states.value().dtype() == DType.F32;
    return head.forward(exact ? states : states.apply(new Cast(DType.F32))); // [R, K]
  }

  /** The heads' weight {@code [K, hidden]}. */
  public final Parameter headWeight() {
    return store().get(HEAD + ".weight");
  }

  /** The heads' bias {@code [K]}, which only some imported ones have. */
  final Optional<Parameter> headBias() {
    return withBias ? Optional.of(store().get(HEAD + ".bias")) : Optional.empty();
  }

  public final int numHeads() {
    return headWeight().shape().dim(0);
  }

  /** Draws new heads from N(0, initializer_range), as transformers does. */
  public final void drawHead(long seed) {
    store().drawNormal(headWeight(), config().initializerRange(), seed);
  }
}
