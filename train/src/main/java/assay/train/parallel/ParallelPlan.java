package assay.train.parallel;

import assay.autograd.GradientSink;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.nn.Placement;
import assay.nn.ShardedTensor;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.Communicator.Pending;
import assay.tensor.comm.Ranks;
import java.util.ArrayList;
import java.util.List;

/**
 * How the ranks of a run share its model and its work. A batch is cut into parts, W ranks compute W
 * parts at a time, and what is then done with gradients and weights is the plan:
 *
 * <pre>
 *   stage             weights   gradients   optimizer state
 *   0 DataParallel    all       all         all
 *   1 ZeroStage1      all       all         own rows
 *   2 ZeroStage2      all       own rows    own rows
 *   3 ZeroStage3      own rows  own rows    own rows
 * </pre>
 *
 * <p>Each parameter is divided by its own rows: rank r of W has rows {@code [r c, (r + 1) c)}, c =
 * ceil(rows / W). A model knows nothing of it: the plan is the {@link Placement} that its {@link
 * assay.nn.ParameterStore} is made with.
 *
 * <p>All ranks call the same methods in the same order.
 */
public abstract sealed class ParallelPlan implements Placement, AutoCloseable
    permits DataParallel, ZeroStage1, ZeroStage2, ZeroStage3 {
  /** In which order the gradients of a batch's parts are added. */
  public enum Reduction {
    /**
     * {@code ((g0 + g1) + g2) + ...} in the order of the parts: the same bits on any number of
     * ranks. Gradients travel after each part.
     */
    FIXED,
    /**
     * Each rank adds up its own parts, where it has room for all gradients (stages 0 and 1), and
     * they travel once a batch.
     */
    FAST
  }

  private final Communicator ranks;
  private final Reduction order;
  private final GradientReduction reduction;

  ParallelPlan(Communicator ranks, Reduction order) {
    this.ranks = ranks;
    this.order = order;
    this.reduction = new GradientReduction(this);
  }

  /** The plan of a ZeRO stage, 0 to 3. */
  public static ParallelPlan of(int stage, Communicator ranks, Reduction order) {
    return switch (stage) {
      case 0 -> new DataParallel(ranks, order);
      case 1 -> new ZeroStage1(ranks, order);
      case 2 -> new ZeroStage2(ranks, order);
      case 3 -> new ZeroStage3(ranks, order);
      default -> throw new IllegalArgumentException("ZeRO has no stage " + stage);
    };
  }

  /** One rank, which has everything. */
  public static ParallelPlan single() {
    return of(0, Ranks.alone(), Reduction.FIXED);
  }

  public final Communicator ranks() {
    return ranks;
  }

  /** The rows that fall to this rank: no row to two ranks, also where all update all. */
  public final Rows shard(Shape shape) {
    int rows = shape.dim(0);
    int capacity = Math.ceilDiv(rows, ranks.size());
    int from = Math.min(rows, ranks.rank() * capacity);
    int to = Math.min(rows, from + capacity);
    return new Rows(from, to, capacity, capacity * ranks.size());
  }

  /** The rows of all that lies here, padded, that fall to this rank: {@code [capacity, ...]}. */
  final Tensor shard(ShardedTensor x) {
    if (!x.hasAllRows()) {
      return x.padded();
    }
    int capacity = x.padded().dim(0) / ranks.size();
    return x.padded().rows(ranks.rank() * capacity, (ranks.rank() + 1) * capacity);
  }

  /** Whether a rank adds up its own parts, and the ranks exchange sums once a batch. */
  final boolean addsOwnPartsFirst() {
    return order == Reduction.FAST && holdsAllGradients();
  }

  final GradientReduction reduction() {
    return reduction;
  }

  @Override
  public Rows ownRows(Shape shape) {
    return shard(shape);
  }

  @Override
  public Variable leaf(Tape tape, Parameter parameter) {
    return tape.leaf(parameter.value(), parameter.sink());
  }

  @Override
  public GradientSink sink(Parameter parameter) {
    return addsOwnPartsFirst()
        ? GradientSink.into(parameter.gradient())
        : reduction.sink(parameter);
  }

  @Override
  public final Tensor gather(TensorArena arena, Parameter parameter, Tensor own) {
    if (!parameter.ownRows().areShared()) {
      return own.rows(0, parameter.shape().dim(0));
    }
    int[] dims = parameter.shape().toArray();
    dims[0] = parameter.ownRows().padded();
    Tensor whole = arena.empty(own.dtype(), Shape.of(dims));
    ranks.allGather(own, whole).await();
    return whole.rows(0, parameter.shape().dim(0));
  }

  /** A part of a batch is about to be computed, on every rank. */
  public void beginPart() {}

  /** The part's backward is done; its memory is about to be given back. */
  public void endPart() {
    reduction.await();
  }

  /** All parts are done: then the own rows' gradients are those of the whole batch. */
  public void endBatch(List<Parameter> parameters) {}

  /** The own rows' weights have been updated: then those that lie here are all up to date. */
  public void publish(List<Parameter> parameters) {}

  /** Every rank gets the rows of all others. */
  final void gatherAll(List<ShardedTensor> tensors) {
    if (ranks.size() == 1) {
      return;
    }
    List<Pending> pendings = new ArrayList<>();
    for (ShardedTensor tensor : tensors) {
      pendings.add(ranks.allGather(shard(tensor), tensor.padded()));
    }
    pendings.forEach(Pending::await);
  }

  @Override
  public void close() {}
}
