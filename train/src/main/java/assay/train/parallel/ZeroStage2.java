package assay.train.parallel;

import assay.nn.Parameter;
import assay.tensor.comm.Communicator;
import java.util.List;

/**
 * ZeRO stage 2 (Rajbhandari et al. 2020, section 5.2): as {@link ZeroStage1}, and a rank has room
 * for its own rows' gradients alone. A whole gradient exists from the moment that a layer's
 * backward has it until it is added up.
 *
 * <p>Phases of a batch:
 *
 * <ol>
 *   <li>Each rank computes one part; as soon as a parameter's gradient is complete it is on its way
 *       to the ranks that have its rows, while the layers before are being computed ({@link
 *       GradientReduction}). Volume: the parameters, once for each W parts.
 *   <li>Each rank updates its own rows.
 *   <li>All gather all rows' new weights. Volume: the parameters.
 * </ol>
 *
 * <p>Saves, beyond stage 1, (1 - 1/W) of the gradients.
 */
final class ZeroStage2 extends ParallelPlan {
  ZeroStage2(Communicator ranks, Reduction order) {
    super(ranks, order);
  }

  @Override
  public boolean holdsAllWeights() {
    return true;
  }

  @Override
  public boolean holdsAllGradients() {
    return false;
  }

  @Override
  public void publish(List<Parameter> parameters) {
    gatherAll(parameters.stream().map(Parameter::values).toList());
  }
}
