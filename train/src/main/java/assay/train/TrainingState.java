package assay.train;

import assay.nn.Parameter;
import assay.nn.Placement;
import assay.tensor.Tensor;
import assay.train.checkpoint.CheckpointReader;
import assay.train.checkpoint.TensorRows;
import assay.train.parallel.ParallelPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * What training has changed since it began: weights, and AdamW's two means. Rows are saved by the
 * rank to which they fall, and loaded by all that update them.
 */
final class TrainingState {
  private final AdamW optimizer;
  private final ParallelPlan plan;

  TrainingState(AdamW optimizer, ParallelPlan plan) {
    this.optimizer = optimizer;
    this.plan = plan;
  }

  /** What this rank saves. */
  List<TensorRows> toSave() {
    List<TensorRows> rows = new ArrayList<>();
    for (AdamW.State state : optimizer.states()) {
      add(rows, state, plan.shard(state.parameter().shape()));
    }
    return rows;
  }

  /**
   * Loads the rows that are updated here.
   *
   * @throws assay.tensor.InvalidInputException if a tensor is missing, of another shape or damaged
   */
  void load(CheckpointReader checkpoint) {
    List<TensorRows> rows = new ArrayList<>();
    for (AdamW.State state : optimizer.states()) {
      add(rows, state, state.parameter().ownRows());
    }
    rows.forEach(checkpoint::read);
  }

  private static void add(List<TensorRows> rows, AdamW.State state, Placement.Rows range) {
    if (range.count() == 0) {
      return;
    }
    Parameter parameter = state.parameter();
    int from = range.from();
    int first = parameter.ownRows().from(); // of the means
    Tensor values = parameter.values().rows(from, range.to());
    Tensor low =
        parameter.lowHalves() == null ? null : parameter.lowHalves().rows(from, range.to());
    Tensor m = state.m().rows(from - first, range.to() - first);
    Tensor v = state.v().rows(from - first, range.to() - first);
    String name = parameter.name();
    rows.add(new TensorRows("weights/" + name, parameter.shape(), from, values, low));
    rows.add(TensorRows.of("m/" + name, parameter.shape(), from, m));
    rows.add(TensorRows.of("v/" + name, parameter.shape(), from, v));
  }
}
