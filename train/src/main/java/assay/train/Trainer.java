package assay.train;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Span;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.Messages;
import assay.train.TrainingTask.MicroBatch;
import assay.train.checkpoint.CheckpointReader;
import assay.train.checkpoint.TensorRows;
import assay.train.parallel.ParallelPlan;
import java.util.Arrays;
import java.util.List;

/**
 * Gradient descent, one batch at a time: add up the gradients of the batch's parts, measure and
 * clip them, let AdamW update the weights.
 *
 * <p>The same code for one rank and for many. W ranks compute W neighbouring parts at a time; what
 * becomes of gradients and weights is up to the {@link ParallelPlan}.
 *
 * @param <B> the rows of one optimizer step
 */
public final class Trainer<B> implements AutoCloseable {
  /** What a run does not change from step to step. */
  public record Options(
      double learningRate, Schedule schedule, AdamW.Options adamW, double clipGradNorm) {}

  /**
   * What one step was like.
   *
   * @param step counts from 0
   * @param gradNorm before clipping
   */
  public record StepResult(long step, double loss, double gradNorm, double learningRate) {}

  private final ParameterStore store;
  private final List<Parameter> parameters;
  private final TrainingTask<B> task;
  private final Options options;
  private final ParallelPlan plan;
  private final AdamW optimizer;
  private Runnable beforeUpdate = () -> {};

  /**
   * @param plan that the store was made with
   */
  public Trainer(ParameterStore store, TrainingTask<B> task, Options options, ParallelPlan plan) {
    this.store = store;
    this.parameters = store.all();
    this.task = task;
    this.options = options;
    this.plan = plan;
    this.optimizer = new AdamW(store.device(), parameters, options.adamW());
  }

  /** One rank trains a model that lies here as a whole. */
  public Trainer(ParameterStore store, TrainingTask<B> task, Options options) {
    this(store, task, options, ParallelPlan.single());
  }

  /**
   * Trains on one batch.
   *
   * @throws NonFiniteException before any weight is touched, if the loss or a gradient is NaN or
   *     infinite
   */
  public StepResult step(B batch) {
    long step = optimizer.steps();
    store.zeroGradients();
    List<? extends MicroBatch> parts = task.microBatches(batch);
    double[][] seen = new double[parts.size()][]; // loss and observations
    Communicator ranks = plan.ranks();
    for (int first = 0; first < parts.size(); first += ranks.size()) {
      int own = first + ranks.rank();
      if (own < parts.size()) {
        seen[own] = accumulate(parts.get(own), 1);
      } else {
        accumulate(parts.getLast(), 0); // to take part in what the others exchange
      }
    }
    if (ranks.size() > 1) {
      seen = Messages.union(ranks, store.device(), seen, i -> 1 + parts.get(i).numObservations());
    }
    double loss = 0; // the parts' in their order, added
    for (double[] part : seen) {
      loss += part[0];
    }
    task.observe(batch, Arrays.stream(seen).map(x -> Arrays.copyOfRange(x, 1, x.length)).toList());
    if (!Double.isFinite(loss)) {
      throw new NonFiniteException("step " + step + ": loss " + loss + rows(batch));
    }
    plan.endBatch(parameters);
    GradientNorm norm = GradientNorm.of(parameters, ranks);
    if (!Double.isFinite(norm.value())) {
      String name = norm.firstNonFinite().name();
      throw new NonFiniteException(
          "step " + step + ": the gradient of " + name + " is not finite" + rows(batch));
    }
    double learningRate = options.learningRate() * options.schedule().factor(step);
    double clipping = GradientNorm.clippingFactor(norm.value(), options.clipGradNorm());
    beforeUpdate.run();
    try (Span _ = Span.begin(Span.Kind.PHASE, "update")) {
      optimizer.step(learningRate, clipping);
    }
    plan.publish(parameters);
    return new StepResult(step, loss, norm.value(), learningRate);
  }

  /**
   * Adds the gradients of one part.
   *
   * @param weight 0 if the part is not this rank's: then its gradients count for nothing
   * @return its loss, and what it observed
   */
  private double[] accumulate(MicroBatch part, double weight) {
    try (Span _ = Span.begin(Span.Kind.PHASE, "part");
        TensorArena arena = TensorArena.open(store.device(), "activations")) {
      plan.beginPart();
      Tape tape = Tape.recording(arena);
      Variable loss = part.loss(tape); // [1]
      tape.backward(loss, arena.of(loss.value().dtype(), loss.shape(), weight));
      double[] observations = part.observations();
      double[] seen = new double[1 + observations.length];
      seen[0] = scalar(arena, loss.value());
      System.arraycopy(observations, 0, seen, 1, observations.length);
      plan.endPart();
      return seen;
    }
  }

  private static double scalar(TensorArena arena, Tensor x) {
    Tensor exact = arena.empty(DType.F64, x.shape());
    arena.device().backend().cast(x, exact);
    return exact.toDoubles()[0];
  }

  private String rows(B batch) {
    return "; the rows of this batch are "
        + task.describe(batch)
        + ". The weights are those before this step.";
  }

  /** What is to be done before weights change, such as to wait for those who read them. */
  public void setBeforeUpdate(Runnable action) {
    beforeUpdate = action;
  }

  /** What this rank writes into a checkpoint; see {@link Checkpointer}. */
  public List<TensorRows> state() {
    return new TrainingState(optimizer, plan).toSave();
  }

  /**
   * Goes on from a checkpoint, which any number of ranks may have written.
   *
   * @param steps that had been taken
   * @throws assay.tensor.InvalidInputException if it is damaged or of another model
   */
  public void resume(CheckpointReader checkpoint, long steps) {
    new TrainingState(optimizer, plan).load(checkpoint);
    optimizer.resume(steps);
    plan.publish(parameters);
  }

  /** Steps taken so far. */
  public long steps() {
    return optimizer.steps();
  }

  public Device device() {
    return store.device();
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
