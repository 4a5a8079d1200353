package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.rm.data.MicroBatcher;
import assay.rm.data.PreferencePair;
import assay.train.TrainingTask;
import java.util.ArrayList;
import java.util.List;

/**
 * Training a reward network on preference pairs: a batch is a list of pairs' indices, cut by the
 * rows it computes; each part's loss is its share of the batch's Bradley-Terry loss.
 */
public final class BradleyTerryTask implements TrainingTask<int[]> {
  /**
   * How pairs are computed; the numbers do not depend on it, but for rounding.
   *
   * @param microBatchTokens the most rows of one part
   * @param sharePrompts compute what both sides begin with once
   * @param checkpointing compute each layer again in the backward
   */
  public record Computation(int microBatchTokens, boolean sharePrompts, boolean checkpointing) {}

  private final RewardNetwork network;
  private final List<PreferencePair> pairs;
  private final double centering;
  private final Computation computation;
  private PreferenceStatistics statistics = new PreferenceStatistics();
  private long computedTokens;

  public BradleyTerryTask(
      RewardNetwork network,
      List<PreferencePair> pairs,
      double centering,
      Computation computation) {
    this.network = network;
    this.pairs = pairs;
    this.centering = centering;
    this.computation = computation;
  }

  @Override
  public List<MicroBatch> microBatches(int[] batch) {
    statistics = new PreferenceStatistics();
    computedTokens = 0;
    List<MicroBatch> parts = new ArrayList<>();
    for (int[] part : cut(pairs, batch, computation)) {
      parts.add(tape -> loss(tape, part, batch.length));
    }
    return parts;
  }

  /** The parts in which pairs are computed. */
  static List<int[]> cut(List<PreferencePair> pairs, int[] batch, Computation computation) {
    boolean share = computation.sharePrompts();
    return MicroBatcher.cut(
        batch, i -> pairs.get(i).computedRows(share), computation.microBatchTokens());
  }

  private Variable loss(Tape tape, int[] part, int numPairs) {
    PackedRows rows = pack(pairs, part, computation.sharePrompts());
    computedTokens += rows.numRows();
    Variable rewards = network.rewards(tape, rows, computation.checkpointing()); // [2 pairs, 1]
    float[] values = rewards.value().toFloats();
    double[] margins = new double[part.length];
    for (int i = 0; i < part.length; i++) {
      margins[i] = pairs.get(part[i]).margin();
      statistics.add(values[2 * i], values[2 * i + 1], margins[i]);
    }
    return rewards.apply(new BradleyTerryLoss(margins, centering, numPairs)); // [1]
  }

  /** Pairs laid out for the network: two read rows a pair, chosen before rejected. */
  static PackedRows pack(List<PreferencePair> pairs, int[] indices, boolean sharePrompts) {
    List<List<int[]>> groups = new ArrayList<>();
    for (int index : indices) {
      List<int[]> sides = List.of(pairs.get(index).chosenIds(), pairs.get(index).rejectedIds());
      if (sharePrompts) {
        groups.add(sides);
      } else {
        sides.forEach(side -> groups.add(List.of(side)));
      }
    }
    return PackedRows.groups(groups);
  }

  /** Of the last batch that was computed. */
  public PreferenceStatistics statistics() {
    return statistics;
  }

  /** Rows that the last batch took, prompts that were shared counted once. */
  public long computedTokens() {
    return computedTokens;
  }

  @Override
  public String describe(int[] batch) {
    List<String> places = new ArrayList<>();
    for (int index : batch) {
      places.add(pairs.get(index).file() + ":" + pairs.get(index).line());
    }
    return String.join(", ", places);
  }
}
