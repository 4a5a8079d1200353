package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.ParameterStore;
import assay.rm.armorm.ArmoRmTask;
import assay.rm.data.MicroBatcher;
import assay.rm.data.PreferencePair;
import assay.train.TrainingTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Training a reward network on preference pairs: a batch is a list of pairs' indices, cut by the
 * rows it computes; each part's loss is its share of the batch's.
 *
 * <p>A run calls {@link #prepare}, trains {@link #trained} step by step, calls {@link #finish}, and
 * then saves {@link #network}.
 */
public abstract sealed class PreferenceTask implements TrainingTask<int[]>, AutoCloseable
    permits BradleyTerryTask, PairwisePreferenceTask, ArmoRmTask {
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

  protected PreferenceTask(List<PreferencePair> pairs, Computation computation) {
    this.pairs = pairs;
    this.computation = computation;
  }

  /** The whole model, which is saved. */
  public abstract RewardNetwork network();

  /**
   * Does what comes before the first step, when the network's weights are set.
   *
   * @param stop asked now and then; true ends it
   * @return false if it was stopped
   */
  public boolean prepare(TrainingListener listener, BooleanSupplier stop) {
    return true;
  }

  /** Tokens that {@link #prepare} computed, as others count them. */
  public long preparedTokens() {
    return 0;
  }

  /**
   * As {@link #prepare}, on a device that computes nothing: makes the same allocations.
   *
   * @return for people: what it needs that the device's ledger does not see
   */
  public List<String> plan() {
    return List.of();
  }

  /** The parameters that steps train. */
  public ParameterStore trained() {
    return network().store();
  }

  /** Does what comes after the last step: brings the network up to date, and writes reports. */
  public void finish(RunFolder folder, TrainingListener listener) {}

  /** Scores the held-out pairs with what has been trained so far, in order. */
  public PreferenceStatistics evaluate(
      RewardMethod method,
      List<PreferencePair> heldOut,
      BooleanSupplier stop,
      PreferenceEvaluation.Sink sink) {
    return PreferenceEvaluation.run(method, network(), heldOut, computation, stop, sink);
  }

  /** The rows that this pair adds to a part. */
  protected abstract int computedRows(int index);

  /** The tokens of a pair as others count them, with nothing shared. */
  protected abstract int tokens(int index);

  /**
   * The loss of some pairs of a batch, of which the rewards are noted in the statistics.
   *
   * @param numPairs of the whole batch, over which the loss is a mean
   */
  protected abstract Variable loss(Tape tape, int[] part, int numPairs);

  @Override
  public final List<MicroBatch> microBatches(int[] batch) {
    statistics = new PreferenceStatistics();
    computedTokens = 0;
    List<MicroBatch> parts = new ArrayList<>();
    for (int[] part : cut(batch)) {
      parts.add(
          tape -> {
            computedTokens += Arrays.stream(part).mapToLong(this::computedRows).sum();
            return loss(tape, part, batch.length);
          });
    }
    return parts;
  }

  /** The parts in which a batch is computed. */
  public final List<int[]> cut(int[] batch) {
    return MicroBatcher.cut(batch, this::computedRows, computation.microBatchTokens());
  }

  protected final PreferencePair pair(int index) {
    return pairs.get(index);
  }

  protected final Computation computation() {
    return computation;
  }

  /**
   * The Bradley-Terry loss of both sides' rewards {@code [2 pairs, 1]}, which are noted in the
   * statistics.
   *
   * @param centering the coefficient that keeps rewards near zero
   */
  protected final Variable bradleyTerryLoss(
      Variable rewards, int[] part, double centering, int numPairs) {
    float[] values = rewards.value().toFloats();
    double[] margins = new double[part.length];
    double[] targets = new double[part.length];
    for (int i = 0; i < part.length; i++) {
      PreferencePair pair = pair(part[i]);
      margins[i] = pair.margin();
      targets[i] = pair.target();
      statistics.add(pair, values[2 * i], values[2 * i + 1]);
    }
    return rewards.apply(new BradleyTerryLoss(margins, targets, centering, numPairs)); // [1]
  }

  /** Gives back the memory of all that was trained. */
  @Override
  public void close() {
    network().close();
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
