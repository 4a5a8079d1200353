package assay.train;

import assay.autograd.Tape;
import assay.autograd.Variable;
import java.util.List;

/**
 * What is trained: how a batch is cut into parts that fit into memory, and each part's loss.
 *
 * @param <B> the rows of one optimizer step
 */
public interface TrainingTask<B> {
  /** A part of a batch, computed on a tape of its own, by one of the ranks. */
  interface MicroBatch {
    /** This part's share of the batch's loss, {@code [1]}. */
    Variable loss(Tape tape);

    /** How many numbers {@link #observations} has, known before the part is computed. */
    default int numObservations() {
      return 0;
    }

    /** What else was seen while the loss was computed, such as rewards. */
    default double[] observations() {
      return new double[0];
    }
  }

  /**
   * Parts whose losses add up to the batch's loss, however it is cut. They are dealt out to the
   * ranks in their order, so neighbours should be equal work.
   */
  List<? extends MicroBatch> microBatches(B batch);

  /**
   * Learns the observations of all parts, in their order, whichever ranks computed them.
   *
   * @param batch that they are of
   */
  default void observe(B batch, List<double[]> observations) {}

  /** Names the rows of a batch, for the message when its loss is not a number. */
  String describe(B batch);
}
