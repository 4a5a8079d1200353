package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.ParameterStore;
import assay.rm.data.MicroBatcher;
import assay.tensor.comm.Communicator;
import assay.train.TrainingTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Training a reward network: a batch is a list of indices of pairs or texts, cut by the rows it
 * computes; each part's loss is its share of the batch's.
 *
 * <p>A run calls {@link #prepare}, trains {@link #trained} step by step, calls {@link #finish}, and
 * then saves {@link #network} and what the method has {@link #learned}.
 */
public abstract sealed class RewardTask implements TrainingTask<int[]>, AutoCloseable
    permits PreferenceTask, TextTask {
  /**
   * How rows are computed; the numbers do not depend on it, but for rounding.
   *
   * @param microBatchTokens the most rows of one part
   * @param sharePrompts compute what both sides begin with once
   * @param checkpointing compute each layer again in the backward
   */
  public record Computation(int microBatchTokens, boolean sharePrompts, boolean checkpointing) {}

  private final Computation computation;
  private PreferenceStatistics statistics = new PreferenceStatistics();
  private long computedTokens;

  RewardTask(Computation computation) {
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

  /** Whether it is trained step by step; if not, {@link #prepare} is all of it. */
  public boolean hasSteps() {
    return true;
  }

  /** The method with what has been learnt besides the network's weights. */
  RewardMethod learned(RewardMethod before) {
    return before;
  }

  /** The parameters that steps train. */
  public ParameterStore trained() {
    return network().store();
  }

  /** Does what comes after the last step: brings the network up to date, and writes reports. */
  public void finish(RunFolder folder, TrainingListener listener) {}

  /** Judges what has been trained so far by the held-out rows of the setup, on all ranks. */
  abstract HeldOutEvaluation evaluate(
      TrainingSetup setup, Communicator ranks, TrainingListener listener, BooleanSupplier stop);

  /** Looks at a whole batch before its parts are computed, on all ranks at the same time. */
  protected void beginBatch(int[] batch) {}

  /** The rows that this pair or text adds to a part. */
  protected abstract int computedRows(int index);

  /** The tokens of it as others count them, with nothing shared. */
  protected abstract int tokens(int index);

  /** How many numbers are noted of it. */
  protected abstract int numNoted(int index);

  /** Counts what was noted of it. */
  protected abstract void count(PreferenceStatistics sum, int index, double[] noted);

  /** Where it comes from. */
  protected abstract String place(int index);

  /** The loss of a part, which notes its rewards. */
  protected abstract Variable loss(Tape tape, Part part);

  /** Some pairs or texts of a batch, computed together. */
  protected final class Part implements MicroBatch {
    private final int[] indices;
    private final int batchSize;
    private final double[] rewards;

    private Part(int[] indices, int batchSize) {
      this.indices = indices;
      this.batchSize = batchSize;
      this.rewards = new double[Arrays.stream(indices).map(RewardTask.this::numNoted).sum()];
    }

    /** Of the pairs or texts. */
    public int[] indices() {
      return indices.clone();
    }

    public int size() {
      return indices.length;
    }

    /** Pairs or texts of the whole batch, over which the loss is a mean. */
    public int batchSize() {
      return batchSize;
    }

    /** Notes rewards, of all rows in their order. */
    public void note(double[] all) {
      System.arraycopy(all, 0, rewards, 0, rewards.length);
    }

    @Override
    public Variable loss(Tape tape) {
      return RewardTask.this.loss(tape, this);
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
      int next = 0;
      for (int index : parts.get(p)) {
        int end = next + numNoted(index);
        count(statistics, index, Arrays.copyOfRange(observations.get(p), next, end));
        next = end;
      }
    }
    computedTokens = Arrays.stream(batch).mapToLong(this::computedRows).sum();
  }

  /** The parts in which a batch is computed. */
  public final List<int[]> cut(int[] batch) {
    return MicroBatcher.cut(batch, this::computedRows, computation.microBatchTokens());
  }

  protected final Computation computation() {
    return computation;
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
      places.add(place(index));
    }
    return String.join(", ", places);
  }
}
