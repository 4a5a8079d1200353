package assay.train;

import assay.nn.Parameter;
import assay.tensor.AdamWStep;
import assay.tensor.Device;
import assay.tensor.FusedKernels;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2): Adam with weight decay taken off the weights
 * themselves. Norm weights and biases are not decayed.
 */
public final class AdamW implements AutoCloseable {
  /** The hyper-parameters that stay the same over a run. */
  public record Options(double beta1, double beta2, double epsilon, double weightDecay) {}

  /** A parameter and the running means of its gradient (m) and squared gradient (v), own rows. */
  record State(Parameter parameter, Tensor m, Tensor v) {}

  private final Options options;
  private final TensorArena arena;
  private final List<State> states = new ArrayList<>();
  private long step;

  public AdamW(Device device, List<Parameter> parameters, Options options) {
    this.options = options;
    this.arena = TensorArena.open(device, "optimizer");
    for (Parameter parameter : parameters) {
      Tensor gradient = parameter.gradients().own();
      if (gradient.size() > 0) {
        Tensor m = arena.zeros(gradient.dtype(), gradient.shape());
        Tensor v = arena.zeros(gradient.dtype(), gradient.shape());
        states.add(new State(parameter, m, v));
      }
    }
  }

  /**
   * Updates the rows of every parameter that lie with this rank by their gradient.
   *
   * @param gradientScale factor on the gradients: the clipping coefficient, or 1
   */
  public void step(double learningRate, double gradientScale) {
    step++;
    for (State state : states) {
      AdamWStep numbers =
          new AdamWStep(
              learningRate,
              options.beta1(),
              options.beta2(),
              options.epsilon(),
              state.parameter.decays() ? options.weightDecay() : 0,
              gradientScale,
              step);
      try (TensorArena scratch = arena.child("scratch")) {
        update(numbers, state, scratch);
      }
    }
  }

  private static void update(AdamWStep numbers, State state, TensorArena scratch) {
    Parameter parameter = state.parameter;
    FusedKernels kernels = scratch.device().kernels();
    Tensor value = parameter.values().own();
    Tensor gradient = parameter.gradients().own();
    if (parameter.lowHalves() == null) {
      kernels.adamW(numbers, value, gradient, state.m, state.v, scratch);
    } else {
      Tensor low = parameter.lowHalves().own();
      kernels.adamWSplit(numbers, value, low, gradient, state.m, state.v, scratch);
    }
  }

  /** Of the parameters of which some rows are updated here. */
  List<State> states() {
    return Collections.unmodifiableList(states);
  }

  /** Steps taken so far. */
  public long steps() {
    return step;
  }

  /** Goes on as after so many steps; the states are those of that time. */
  void resume(long steps) {
    step = steps;
  }

  @Override
  public void close() {
    arena.close();
  }
}
