package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;

/** A transformer with a Bradley-Terry head: one linear map, whose number is the reward. */
public final class BradleyTerryNetwork extends ClassifierNetwork {
  /** Makes the parameters; their values are not set. The head computes in F32. */
  public BradleyTerryNetwork(TransformerConfig config, ParameterStore store) {
    this(config, false, store);
  }

  /**
   * @param withBias added to every reward; training has no use for it, since it cancels between the
   *     answers of a pair
   */
  BradleyTerryNetwork(TransformerConfig config, boolean withBias, ParameterStore store) {
    super(config, 1, withBias, store);
  }

  /** The rewards: {@code [R, 1]}. */
  @Override
  public Variable scores(Tape tape, PackedRows rows, boolean checkpointing) {
    return heads(tape, rows, checkpointing); // [R, 1]
  }
}
