package assay.train;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.List;

/**
 * Gradient descent, one batch at a time: add up the gradients of the batch's parts, measure and
 * clip them, let AdamW update the weights.
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
  private final AdamW optimizer;

  public Trainer(ParameterStore store, TrainingTask<B> task, Options options) {
    this.store = store;
    this.parameters = store.all();
    this.task = task;
    this.options = options;
    this.optimizer = new AdamW(store.device(), parameters, options.adamW());
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
    double loss = 0;
    for (TrainingTask.MicroBatch part : task.microBatches(batch)) {
      loss += accumulate(part);
    }
    if (!Double.isFinite(loss)) {
      throw new NonFiniteException("step " + step + ": loss " + loss + rows(batch));
    }
    double norm = GradientNorm.of(store.device(), parameters);
    if (!Double.isFinite(norm)) {
      throw new NonFiniteException(
          "step "
              + step
              + ": the gradient of "
              + firstNonFinite().name()
              + " is not finite"
              + rows(batch));
    }
    double learningRate = options.learningRate() * options.schedule().factor(step);
    optimizer.step(learningRate, GradientNorm.clippingFactor(norm, options.clipGradNorm()));
    return new StepResult(step, loss, norm, learningRate);
  }

  /** Adds the gradients of one part; its loss. */
  private double accumulate(TrainingTask.MicroBatch part) {
    try (TensorArena arena = TensorArena.open(store.device(), "activations")) {
      Tape tape = Tape.recording(arena);
      Variable loss = part.loss(tape); // [1]
      Tensor one = arena.of(loss.value().dtype(), loss.shape(), 1);
      tape.backward(loss, one);
      return scalar(arena, loss.value());
    }
  }

  private static double scalar(TensorArena arena, Tensor x) {
    Tensor exact = arena.empty(DType.F64, x.shape());
    arena.device().backend().cast(x, exact);
    return exact.toDoubles()[0];
  }

  private Parameter firstNonFinite() {
    for (Parameter parameter : parameters) {
      if (!Double.isFinite(GradientNorm.of(store.device(), List.of(parameter)))) {
        return parameter;
      }
    }
    throw new AssertionError("the norm of all gradients is not finite, but each one's is");
  }

  private String rows(B batch) {
    return "; the rows of this batch are "
        + task.describe(batch)
        + ". The weights are those before this step.";
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
