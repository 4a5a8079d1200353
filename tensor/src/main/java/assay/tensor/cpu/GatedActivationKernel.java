package assay.tensor.cpu;

import assay.tensor.ActivationKind;
import assay.tensor.Tensor;
import assay.tensor.UnaryKind;
import assay.tensor.kernel.Checks;

/**
 * {@code activation(gate) * up} and its gradients, F32. Sigmoid or tanh are first put where a
 * result will stand. All in one loop would save little, since a block stays in the cache, and make
 * a loop so large that the compiler gives up and leaves every vector an object.
 */
final class GatedActivationKernel {
  /** Elements for which all steps are done before the next are begun. */
  private static final int BLOCK_SIZE = 1024;

  private final FastBackend backend;
  private final ElementLoops elements;
  private final ActivationLoops loops;

  GatedActivationKernel(FastBackend backend) {
    this.backend = backend;
    this.elements = backend.loops().elements();
    this.loops = backend.loops().activations();
  }

  void forward(ActivationKind kind, Tensor gate, Tensor up, Tensor out) {
    check("gatedActivation", gate, up, out);
    long gates = gate.address();
    long ups = up.address();
    long to = out.address();
    forBlocks(
        gate.size(),
        (start, count, worker) -> {
          long g = gates + 4 * start;
          long y = to + 4 * start;
          squash(kind, g, y, count);
          switch (kind) {
            case SILU -> loops.silu(g, y, ups + 4 * start, y, count);
            case GELU_TANH -> loops.gelu(g, y, ups + 4 * start, y, count);
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
    forBlocks(
        gate.size(),
        (start, count, worker) -> {
          long at = 4 * start;
          long g = gates + at;
          long u = ups + at;
          long d = gradients + at;
          squash(kind, g, toUp + at, count);
          switch (kind) {
            case SILU -> loops.siluGradient(g, toUp + at, u, d, toGate + at, toUp + at, count);
            case GELU_TANH -> loops.geluGradient(g, toUp + at, u, d, toGate + at, toUp + at, count);
          }
        });
  }

  /** {@code out = sigmoid(gate)}, or the tanh in the definition of GELU. */
  private void squash(ActivationKind kind, long gate, long out, long count) {
    switch (kind) {
      case SILU -> elements.unary(UnaryKind.SIGMOID, gate, out, count);
      case GELU_TANH -> {
        loops.geluInner(gate, out, count);
        elements.unary(UnaryKind.TANH, out, out, count);
      }
    }
  }

  private void forBlocks(long size, FastBackend.RunTask task) {
    backend.forRuns(
        size,
        (start, count, worker) -> {
          for (long at = start; at < start + count; at += BLOCK_SIZE) {
            task.run(at, Math.min(BLOCK_SIZE, start + count - at), worker);
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
