package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.rm.data.PreferencePair;
import java.util.List;

/** Trains rewards: both sides of each pair, under the {@link BradleyTerryLoss}. */
public final class BradleyTerryTask extends PreferenceTask {
  private final RewardNetwork network;
  private final double centering;

  public BradleyTerryTask(
      RewardNetwork network,
      List<PreferencePair> pairs,
      double centering,
      Computation computation) {
    super(pairs, computation);
    this.network = network;
    this.centering = centering;
  }

  @Override
  public RewardNetwork network() {
    return network;
  }

  @Override
  protected int computedRows(int index) {
    return pair(index).computedRows(computation().sharePrompts());
  }

  @Override
  protected int tokens(int index) {
    return pair(index).computedRows(false);
  }

  PackedRows pack(int[] part) {
    return PackedRows.pairs(this::pair, part, computation().sharePrompts());
  }

  @Override
  protected Variable loss(Tape tape, Part part) {
    PackedRows rows = pack(part.indices());
    Variable rewards = network.scores(tape, rows, computation().checkpointing()); // [2 pairs, 1]
    part.note(toDoubles(rewards));
    return bradleyTerryLoss(rewards, part, centering); // [1]
  }
}
