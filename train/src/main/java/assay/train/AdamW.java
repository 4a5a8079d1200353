package assay.train;

import assay.nn.Parameter;
import assay.tensor.AdamWStep;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.FusedKernels;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2): Adam with weight decay taken off the weights
 * themselves. Norm weights and biases are not decayed.
 */
public final class AdamW implements AutoCloseable {
  /** The hyper-parameters that stay the same over a run. */
  public record Options(double beta1, double beta2, double epsilon, double weightDecay) {}

  /** A parameter and the running means of its gradient (m) and squared gradient (v). */
  private record State(Parameter parameter, Tensor m, Tensor v) {}

  private final Options options;
  private final TensorArena arena;
  private final List<State> states = new ArrayList<>();
  private long step;

  public AdamW(Device device, List<Parameter> parameters, Options options) {
    this.options = options;
    this.arena = TensorArena.open(device, "optimizer");
    for (Parameter parameter : parameters) {
      DType dtype = parameter.gradient().dtype();
      Tensor m = arena.zeros(dtype, parameter.shape());
      Tensor v = arena.zeros(dtype, parameter.shape());
      states.add(new State(parameter, m, v));
    }
  }

  /**
   * Updates every parameter by its gradient.
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
    Tensor value = parameter.value();
    Tensor gradient = parameter.gradient();
    if (parameter.low() == null) {
      kernels.adamW(numbers, value, gradient, state.m, state.v, scratch);
    } else {
      kernels.adamWSplit(numbers, value, parameter.low(), gradient, state.m, state.v, scratch);
    }
  }

  /** Steps taken so far. */
  public long steps() {
    return step;
  }

  @Override
  public void close() {
    arena.close();
  }
}
