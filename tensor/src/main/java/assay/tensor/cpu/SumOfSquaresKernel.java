package assay.tensor.cpu;

import assay.tensor.DType;
import assay.tensor.Tensor;

/** The sum of x^2 in F64, of which the norm of a gradient is made. */
final class SumOfSquaresKernel {
  /** Elements whose sum is one partial sum; not a matter of threads. */
  private static final int CHUNK_SIZE = 16_384;

  private final WorkerPool pool;
  private final RowLoops loops;

  SumOfSquaresKernel(FastBackend backend) {
    this.pool = backend.pool();
    this.loops = backend.loops().rows();
  }

  /** Each chunk has its own sum, and these are added in order. */
  void sum(Tensor x, Tensor out) {
    if (out.dtype() != DType.F64 || out.size() != 1) {
      throw new IllegalArgumentException("sumOfSquares: the output is one F64, not " + out);
    }
    long size = x.size();
    long from = x.address();
    double[] sums = new double[Math.toIntExact(Math.ceilDiv(size, CHUNK_SIZE))];
    pool.run(
        sums.length,
        chunk -> {
          long start = (long) chunk * CHUNK_SIZE;
          sums[chunk] = loops.sumOfSquares(from + 4 * start, Math.min(CHUNK_SIZE, size - start));
        });
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    Memory.setDouble(out.address(), total);
  }
}
