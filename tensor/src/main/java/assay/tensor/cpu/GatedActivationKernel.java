package assay.tensor.cpu;

import assay.tensor.ActivationKind;
import assay.tensor.Tensor;

/** {@code activation(gate) * up} and its gradients, F32. */
final class GatedActivationKernel {
  private final FastBackend backend;
  private final ActivationLoops loops;

  GatedActivationKernel(FastBackend backend) {
    this.backend = backend;
    this.loops = backend.loops().activations();
  }

  void forward(ActivationKind kind, Tensor gate, Tensor up, Tensor out) {
    check("gatedActivation", gate, up, out);
    long gates = gate.address();
    long ups = up.address();
    long to = out.address();
    backend.forRuns(
        gate.size(),
        (start, count, worker) -> {
          long at = 4 * start;
          switch (kind) {
            case SILU -> loops.silu(gates + at, ups + at, to + at, count);
            case GELU_TANH -> loops.gelu(gates + at, ups + at, to + at, count);
          }
        });
  }

  /** {@code dUp = dy activation(gate)}, {@code dGate = dy up activation'(gate)}. */
  void backward(ActivationKind kind, Tensor gate, Tensor up, Tensor dy, Tensor dGate, Tensor dUp) {
    check("gatedActivationBackward", gate, up, dy, dGate, dUp);
    long gates = gate.address();
    long ups = up.address();
    long gradients = dy.address();
    long toGate = dGate.address();
    long toUp = dUp.address();
    backend.forRuns(
        gate.size(),
        (start, count, worker) -> {
          long g = gates + 4 * start;
          long u = ups + 4 * start;
          long d = gradients + 4 * start;
          long dg = toGate + 4 * start;
          long du = toUp + 4 * start;
          switch (kind) {
            case SILU -> loops.siluGradient(g, u, d, dg, du, count);
            case GELU_TANH -> loops.geluGradient(g, u, d, dg, du, count);
          }
        });
  }

  private static void check(String kernel, Tensor gate, Tensor... others) {
    Checks.sameDType(kernel, gate, others);
    for (Tensor other : others) {
      Checks.sameShape(kernel, gate, other);
    }
  }
}
