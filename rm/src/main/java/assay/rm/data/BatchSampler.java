package assay.rm.data;

import assay.tensor.InvalidInputException;
import java.util.Arrays;

/**
 * Deals out the pairs to optimizer steps: each epoch visits every pair once, in an order that the
 * seed and the epoch decide, and its last batch may be short. Where a run is given in steps the
 * data repeats as needed.
 */
public final class BatchSampler {
  private final int numPairs;
  private final int batchSize;
  private final boolean shuffle;
  private final long seed;
  private final int numSteps;
  private State state = new State(0, 0);
  private int step;
  private int orderedEpoch = -1;
  private int[] order;

  /**
   * Where a run stands, to be kept in a checkpoint. The step follows from it.
   *
   * @param epoch the epoch of the next batch, from 0
   * @param position the pairs of that epoch that have been dealt out
   */
  public record State(int epoch, int position) {}

  /**
   * A sampler at its first step.
   *
   * @param numPairs at least 1
   * @param batchSize pairs per optimizer step over all ranks
   * @param epochs what ends the run where {@code maxSteps} is 0
   */
  public BatchSampler(
      int numPairs, int batchSize, boolean shuffle, long seed, int epochs, int maxSteps) {
    if (numPairs < 1 || batchSize < 1) {
      throw new IllegalArgumentException(
          "expected pairs and a batch size, got " + numPairs + " and " + batchSize);
    }
    this.numPairs = numPairs;
    this.batchSize = batchSize;
    this.shuffle = shuffle;
    this.seed = seed;
    this.numSteps = maxSteps > 0 ? maxSteps : Math.toIntExact((long) epochs * stepsPerEpoch());
  }

  public int stepsPerEpoch() {
    return Math.ceilDiv(numPairs, batchSize);
  }

  /** The steps of the whole run. */
  public int numSteps() {
    return numSteps;
  }

  /** The number of batches dealt out so far. */
  public int step() {
    return step;
  }

  public State state() {
    return state;
  }

  public boolean hasNext() {
    return step < numSteps;
  }

  /** The next batch, as indices of pairs in the order in which they are summed. */
  public int[] next() {
    if (!hasNext()) {
      throw new IllegalStateException("all " + numSteps + " batches have been dealt out");
    }
    if (orderedEpoch != state.epoch()) {
      orderedEpoch = state.epoch();
      order = shuffle ? Shuffle.order(numPairs, seed, orderedEpoch) : Shuffle.unshuffled(numPairs);
    }
    int end = Math.min(numPairs, state.position() + batchSize);
    int[] batch = Arrays.copyOfRange(order, state.position(), end);
    state = end == numPairs ? new State(state.epoch() + 1, 0) : new State(state.epoch(), end);
    step++;
    return batch;
  }

  /**
   * Goes on from a state, as if all batches before it had been dealt out.
   *
   * @throws InvalidInputException if the state belongs to other data or another batch size
   */
  public void resume(State from) {
    boolean fits =
        from.epoch() >= 0
            && from.position() >= 0
            && from.position() < numPairs
            && from.position() % batchSize == 0;
    long steps = (long) from.epoch() * stepsPerEpoch() + from.position() / batchSize;
    if (!fits || steps > numSteps) {
      throw new InvalidInputException(
          "the checkpoint stands at pair %d of epoch %d, where a run of %d pairs in batches of %d"
                  .formatted(from.position(), from.epoch(), numPairs, batchSize)
              + " for "
              + numSteps
              + " steps never is; was the recipe or the data changed?");
    }
    state = from;
    step = (int) steps;
  }
}
