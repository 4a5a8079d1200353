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
 * rows it computes; each part's loss is its share of the batch's.
 */
public abstract sealed class PreferenceTask implements TrainingTask<int[]>
    permits BradleyTerryTask, PairwisePreferenceTask {
  /**
   * How pairs are computed; the numbers do not depend on it, but for rounding.
   *
   * @param microBatchTokens the most rows of one part
   * @param sharePrompts compute what both sides begin with once
   * @param checkpointing compute each layer again in the backward
   */
  public record Computation(int microBatchTokens, boolean sharePrompts, boolean checkpointing) {}

  private final List<PreferencePair> pairs;
  private final Computation computation;
  private PreferenceStatistics statistics = new PreferenceStatistics();
  private long computedTokens;

  PreferenceTask(List<PreferencePair> pairs, Computation computation) {
    this.pairs = pairs;
    this.computation = computation;
  }

  /** What is trained. */
  public abstract RewardNetwork network();

  /** The rows that this pair adds to a part. */
  abstract int computedRows(int index);

  /** The tokens of a pair as others count them, with nothing shared. */
  abstract int tokens(int index);

  /** What is computed for some pairs. */
  abstract PackedRows pack(int[] part);

  /**
   * The loss of some pairs of a batch, of which the rewards are noted in the statistics.
   *
   * @param numPairs of the whole batch, over which the loss is a mean
   */
  abstract Variable loss(Tape tape, int[] part, PackedRows rows, int numPairs);

  @Override
  public final List<MicroBatch> microBatches(int[] batch) {
    statistics = new PreferenceStatistics();
    computedTokens = 0;
    List<MicroBatch> parts = new ArrayList<>();
    for (int[] part : cut(batch)) {
      parts.add(
          tape -> {
            PackedRows rows = pack(part);
            computedTokens += rows.numRows();
            return loss(tape, part, rows, batch.length);
          });
    }
    return parts;
  }

  /** The parts in which a batch is computed. */
  public final List<int[]> cut(int[] batch) {
    return MicroBatcher.cut(batch, this::computedRows, computation.microBatchTokens());
  }

  final PreferencePair pair(int index) {
    return pairs.get(index);
  }

  final Computation computation() {
    return computation;
  }

  /** Of the last batch that was computed. */
  public final PreferenceStatistics statistics() {
    return statistics;
  }

  /** Rows that the last batch took, what was shared counted once. */
  public final long computedTokens() {
    return computedTokens;
  }

  @Override
  public final String describe(int[] batch) {
    List<String> places = new ArrayList<>();
    for (int index : batch) {
      places.add(pair(index).file() + ":" + pair(index).line());
    }
    return String.join(", ", places);
  }
}
