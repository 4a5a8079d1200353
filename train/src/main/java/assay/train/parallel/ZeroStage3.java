package assay.train.parallel;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.tensor.comm.Communicator;

/**
 * ZeRO stage 3 (Rajbhandari et al. 2020, section 5.3): no rank has the model. A layer's weights are
 * gathered before its forward, and again before its backward, and given back after.
 *
 * <p>Phases of a part:
 *
 * <ol>
 *   <li>Forward: before a layer computes, all gather its rows; while it computes, those of the next
 *       layer are on their way ({@link WeightGathering}). After it, they are given back. Volume:
 *       the parameters.
 *   <li>Backward, with gradient checkpointing: the same, layer by layer from the last. Volume: the
 *       parameters. (Without it what a layer's backward needs stays gathered from its forward on.)
 *   <li>As soon as a parameter's gradient is complete it is added up to the ranks that have its
 *       rows ({@link GradientReduction}). Volume: the parameters.
 * </ol>
 *
 * <p>And of a batch: each rank updates its own rows. Nothing is to be published.
 */
final class ZeroStage3 extends ParallelPlan {
  private final WeightGathering gathering = new WeightGathering(this);

  ZeroStage3(Communicator ranks, Reduction order) {
    super(ranks, order);
  }

  @Override
  public boolean holdsAllWeights() {
    return false;
  }

  @Override
  public boolean holdsAllGradients() {
    return false;
  }

  @Override
  public Variable leaf(Tape tape, Parameter parameter) {
    return tape.temporaryLeaf(gathering.take(parameter), gathering.arena(), parameter.sink());
  }

  @Override
  public void beginPart() {
    gathering.beginPart();
  }

  @Override
  public void endPart() {
    super.endPart();
    gathering.endPart();
  }

  @Override
  public void close() {
    gathering.close();
  }
}
