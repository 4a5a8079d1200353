package assay.tensor.cpu;

import assay.tensor.DType;
import assay.tensor.Tensor;

/** Each row's sum of x^2 in F64, of which the norm of a gradient is made. */
final class SumsOfSquaresKernel {
  /** Rows are handed out to threads in runs of about so many elements. */
  private static final int TASK_SIZE = 16_384;

  private final WorkerPool pool;
  private final RowLoops loops;

  SumsOfSquaresKernel(FastBackend backend) {
    this.pool = backend.pool();
    this.loops = backend.loops().rows();
  }

  /** See {@link assay.tensor.FusedKernels#sumsOfSquares}. */
  void sum(Tensor x, Tensor out) {
    if (out.dtype() != DType.F64 || out.size() == 0 || x.size() % out.size() != 0) {
      throw new IllegalArgumentException(
          "sumsOfSquares: " + x + " is not as many equal runs as " + out + " has elements");
    }
    int rows = Math.toIntExact(out.size());
    long columns = x.size() / rows;
    long from = x.address();
    long to = out.address();
    int rowsAtOnce = (int) Math.max(1, TASK_SIZE / Math.max(1, columns));
    pool.run(
        Math.ceilDiv(rows, rowsAtOnce),
        task -> {
          int end = Math.min(rows, (task + 1) * rowsAtOnce);
          for (int row = task * rowsAtOnce; row < end; row++) {
            double sum = loops.sumOfSquares(from + 4L * row * columns, columns);
            Memory.setDouble(to + 8L * row, sum);
          }
        });
  }
}
