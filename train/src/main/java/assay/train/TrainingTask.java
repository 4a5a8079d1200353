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
  /** A part of a batch, computed on a tape of its own. */
  interface MicroBatch {
    /** This part's share of the batch's loss, {@code [1]}. */
    Variable loss(Tape tape);
  }

  /** Parts whose losses add up to the batch's loss, however it is cut. */
  List<? extends MicroBatch> microBatches(B batch);

  /** Names the rows of a batch, for the message when its loss is not a number. */
  String describe(B batch);
}
