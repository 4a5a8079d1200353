package assay.train.parallel;

import assay.nn.Parameter;
import assay.tensor.Shape;
import assay.tensor.comm.Communicator;
import java.util.List;

/**
 * Stage 0: every rank has the whole model, and all do the same update.
 *
 * <p>Phases of a batch:
 *
 * <ol>
 *   <li>Each rank computes one part, and adds up its gradients with those of the other ranks as
 *       they come: each rank has the sum of its own rows ({@link GradientReduction}). Volume: the
 *       parameters, once for each W parts.
 *   <li>When all parts are done, each rank gets all other rows' sums. Volume: the parameters.
 *   <li>Each rank updates all weights: the same numbers everywhere.
 * </ol>
 *
 * <p>The naive form ({@link Reduction#FAST}) is what is usually called data parallelism: each rank
 * adds up its own parts, and an all-reduce adds up the ranks (2 times the parameters a batch,
 * however many parts). Then a sum depends on which rank had which parts.
 */
final class DataParallel extends ParallelPlan {
  DataParallel(Communicator ranks, Reduction order) {
    super(ranks, order);
  }

  /** All of them; memory is padded, since sums are divided among the ranks. */
  @Override
  public Rows ownRows(Shape shape) {
    int padded = shard(shape).padded();
    return new Rows(0, shape.dim(0), padded, padded);
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
      parameters.forEach(parameter -> ranks().allReduce(parameter.gradient()).await());
    } else {
      gatherAll(parameters.stream().map(Parameter::gradients).toList());
    }
  }
}
