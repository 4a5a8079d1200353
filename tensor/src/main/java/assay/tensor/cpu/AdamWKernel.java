package assay.tensor.cpu;

import assay.tensor.AdamWStep;
import assay.tensor.Tensor;
import assay.tensor.kernel.Checks;

/** One step of AdamW, F32, in one pass over memory. */
final class AdamWKernel {
  private final FastBackend backend;

  AdamWKernel(FastBackend backend) {
    this.backend = backend;
  }

  void step(AdamWStep step, Tensor weight, Tensor gradient, Tensor m, Tensor v) {
    Checks.sameDType("adamW", weight, gradient, m, v);
    for (Tensor other : new Tensor[] {gradient, m, v}) {
      Checks.sameSize("adamW", weight, other);
    }
    AdamWLoops loops = backend.loops().adamW();
    AdamWLoops.Numbers numbers = numbers(step);
    long weights = weight.address();
    long gradients = gradient.address();
    long means = m.address();
    long squares = v.address();
    backend.forRuns(
        weight.size(),
        (start, count, worker) -> {
          long at = 4 * start;
          loops.step(numbers, weights + at, gradients + at, means + at, squares + at, count);
        });
  }

  private static AdamWLoops.Numbers numbers(AdamWStep step) {
    double correction1 = 1 - Math.pow(step.beta1(), (double) step.step());
    double correction2 = 1 - Math.pow(step.beta2(), (double) step.step());
    return new AdamWLoops.Numbers(
        (float) step.gradientScale(),
        (float) (1 - step.learningRate() * step.weightDecay()),
        (float) step.beta1(),
        (float) (1 - step.beta1()),
        (float) step.beta2(),
        (float) (1 - step.beta2()),
        (float) Math.sqrt(correction2),
        (float) step.epsilon(),
        (float) (step.learningRate() / correction1));
  }
}
