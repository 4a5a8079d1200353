package assay.tensor.cpu;

import assay.tensor.Tensor;
import assay.tensor.kernel.Checks;

/** Softmax over rows, F32: three passes over a row while the first-level cache holds it. */
final class SoftmaxKernel {
  private final FastBackend backend;
  private final RowLoops loops;

  SoftmaxKernel(FastBackend backend) {
    this.backend = backend;
    this.loops = backend.loops().rows();
  }

  void forward(Tensor x, Tensor out) {
    Checks.sameShape("softmax", x, out);
    Checks.sameDType("softmax", x, out);
    ElementLoops elements = backend.loops().elements();
    long from = x.address();
    long to = out.address();
    int columns = x.numColumns();
    backend.forRows(
        x,
        (row, offset, worker) -> {
          float largest = elements.maximum(from + offset, columns);
          double sum = loops.expAndSum(from + offset, largest, to + offset, columns);
          loops.scale(to + offset, (float) (1 / sum), to + offset, columns);
        });
  }

  /** {@code dx = y (dy - sum_j dy_j y_j)}. */
  void backward(Tensor y, Tensor dy, Tensor dx) {
    Checks.sameShape("softmaxBackward", y, dy);
    Checks.sameShape("softmaxBackward", y, dx);
    Checks.sameDType("softmaxBackward", y, dy, dx);
    long outputs = y.address();
    long gradients = dy.address();
    long to = dx.address();
    int columns = y.numColumns();
    backend.forRows(
        y,
        (row, offset, worker) -> {
          float dot = (float) loops.dot(outputs + offset, gradients + offset, columns);
          loops.softmaxGradient(outputs + offset, gradients + offset, dot, to + offset, columns);
        });
  }
}
