package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Cast;
import assay.nn.Linear;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.tensor.DType;

/**
 * A transformer with a Bradley-Terry head: one linear map from the final state of a sequence's last
 * token to its reward, without bias.
 */
public final class BradleyTerryNetwork extends RewardNetwork {
  /** The head's weight {@code [1, hidden]}, named as transformers' sequence classifiers do. */
  public static final String HEAD = "score";

  private final Linear head;

  /** Makes the parameters; their values are not set. The head computes in F32. */
  public BradleyTerryNetwork(TransformerConfig config, ParameterStore store) {
    super(config, store);
    head = new Linear(store, DType.F32, HEAD, 1, config.hiddenSize(), false);
  }

  /** The rewards: {@code [R, 1]}. */
  @Override
  public Variable scores(Tape tape, PackedRows rows, boolean checkpointing) {
    Variable states = states(tape, rows, checkpointing); // [R, hidden]
    boolean exact = states.value().dtype() == DType.F32;
    return head.forward(exact ? states : states.apply(new Cast(DType.F32))); // [R, 1]
  }

  /** The head's weight {@code [1, hidden]}. */
  public Parameter headWeight() {
    return store().get(HEAD + ".weight");
  }

  /** Draws a new head from N(0, initializer_range), as transformers does. */
  public void drawHead(long seed) {
    store().drawNormal(headWeight(), config().initializerRange(), seed);
  }
}
