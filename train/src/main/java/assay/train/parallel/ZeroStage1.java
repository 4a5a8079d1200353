package assay.train.parallel;

import assay.nn.Parameter;
import assay.nn.ShardedTensor;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import assay.tensor.comm.Communicator;
import java.util.List;

/**
 * ZeRO stage 1 (Rajbhandari et al. 2020, section 5.1): each rank keeps the optimizer's state of its
 * own rows alone, updates those, and gets the others' new weights.
 *
 * <p>Phases of a batch:
 *
 * <ol>
 *   <li>Each rank computes one part; gradients are added up to the rank that has the rows ({@link
 *       GradientReduction}). Volume: the parameters, once for each W parts; or with {@link
 *       Reduction#FAST} once a batch.
 *   <li>Each rank updates its own rows.
 *   <li>All gather all rows' new weights. Volume: the parameters.
 * </ol>
 *
 * <p>Saves (1 - 1/W) of AdamW's two means and of the weights' lower halves.
 */
final class ZeroStage1 extends ParallelPlan {
  ZeroStage1(Communicator ranks, Reduction order) {
    super(ranks, order);
  }

  @Override
  public boolean holdsAllWeights() {
    return true;
  }

  @Override
  public boolean holdsAllGradients() {
    return true;
  }

  @Override
  public void endBatch(List<Parameter> parameters) {
    if (addsOwnPartsFirst()) {
      parameters.forEach(parameter -> addUp(parameter.gradients()));
    }
  }

  /** The naive form: every rank gets every sum, of which it needs its own rows'. */
  void addUpNaively(ShardedTensor gradients) {
    ranks().allReduce(gradients.padded()).await();
  }

  private void addUp(ShardedTensor gradients) {
    Tensor own = shard(gradients);
    try (TensorArena scratch = TensorArena.open(own.device(), "communication")) {
      Tensor sum = scratch.zeros(own.dtype(), own.shape());
      ranks().reduceScatter(gradients.padded(), sum).await();
      own.device().backend().unary(UnaryKind.COPY, sum, own);
    }
  }

  @Override
  public void publish(List<Parameter> parameters) {
    gatherAll(parameters.stream().map(Parameter::values).toList());
  }
}
