package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.ParameterStore;
import assay.rm.armorm.ArmoRmTask;
import assay.rm.data.MicroBatcher;
import assay.rm.data.PreferencePair;
import assay.tensor.comm.Communicator;
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
    permits BradleyTerryTask, OdinTask, PairwisePreferenceTask, ArmoRmTask {
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

  /** Scores the held-out pairs with what has been trained so far, in order, on all ranks. */
  public PreferenceStatistics evaluate(
      RewardMethod method,
      List<PreferencePair> heldOut,
      Communicator ranks,
      BooleanSupplier stop,
      PreferenceEvaluation.Sink sink) {
    return PreferenceEvaluation.run(method, network(), heldOut, computation, ranks, stop, sink);
  }

  /** Looks at a whole batch before its parts are computed, on all ranks at the same time. */
  protected void beginBatch(int[] batch) {}

  /** The rows that this pair adds to a part. */
  protected abstract int computedRows(int index);

  /** The tokens of a pair as others count them, with nothing shared. */
  protected abstract int tokens(int index);

  /** The loss of a part, which notes its rewards. */
  protected abstract Variable loss(Tape tape, Part part);

  /** Some pairs of a batch, computed together. */
  protected final class Part implements MicroBatch {
    private final int[] indices;
    private final int batchSize;
    private final double[] rewards;

    private Part(int[] indices, int batchSize) {
      this.indices = indices;
      this.batchSize = batchSize;
      this.rewards = new double[2 * indices.length];
    }

    /** Of the pairs. */
    public int[] indices() {
      return indices.clone();
    }

    public int size() {
      return indices.length;
    }

    /** The i-th pair. */
    public PreferencePair pair(int i) {
      return pairs.get(indices[i]);
    }

    /** Pairs of the whole batch, over which the loss is a mean. */
    public int batchSize() {
      return batchSize;
    }

    /** Notes the rewards of the i-th pair. */
    public void note(int i, double chosen, double rejected) {
      rewards[2 * i] = chosen;
      rewards[2 * i + 1] = rejected;
    }

    @Override
    public Variable loss(Tape tape) {
      return PreferenceTask.this.loss(tape, this);
    }

    @Override
    public int numObservations() {
      return rewards.length;
    }

    @Override
    public double[] observations() {
      return rewards.clone();
    }
  }

  @Override
  public final List<Part> microBatches(int[] batch) {
    beginBatch(batch);
    return cut(batch).stream().map(part -> new Part(part, batch.length)).toList();
  }

  @Override
  public final void observe(int[] batch, List<double[]> observations) {
    statistics = new PreferenceStatistics();
    List<int[]> parts = cut(batch);
    for (int p = 0; p < parts.size(); p++) {
      double[] rewards = observations.get(p);
      for (int i = 0; i < parts.get(p).length; i++) {
        statistics.add(pair(parts.get(p)[i]), rewards[2 * i], rewards[2 * i + 1]);
      }
    }
    computedTokens = Arrays.stream(batch).mapToLong(this::computedRows).sum();
  }

  /** The parts in which a batch is computed. */
  public final List<int[]> cut(int[] batch) {
    return MicroBatcher.cut(batch, this::computedRows, computation.microBatchTokens());
  }

  protected final PreferencePair pair(int index) {
    return pairs.get(index);
  }

  protected final List<PreferencePair> pairs(int[] indices) {
    return Arrays.stream(indices).mapToObj(pairs::get).toList();
  }

  protected final Computation computation() {
    return computation;
  }

  /**
   * The Bradley-Terry loss of both sides' rewards {@code [2 pairs, 1]}, which are noted.
   *
   * @param centering the coefficient that keeps rewards near zero
   */
  protected static Variable bradleyTerryLoss(Variable rewards, Part part, double centering) {
    float[] values = rewards.value().toFloats();
    double[] margins = new double[part.size()];
    double[] targets = new double[part.size()];
    for (int i = 0; i < part.size(); i++) {
      margins[i] = part.pair(i).margin();
      targets[i] = part.pair(i).target();
      part.note(i, values[2 * i], values[2 * i + 1]);
    }
    return rewards.apply(
        new BradleyTerryLoss(margins, targets, centering, part.batchSize())); // [1]
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
