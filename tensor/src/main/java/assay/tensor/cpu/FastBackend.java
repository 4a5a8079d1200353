package assay.tensor.cpu;

import assay.tensor.DType;
import assay.tensor.Tensor;

/** The backend for use: F32 goes through fast loops, the other dtypes through the reference's. */
final class FastBackend extends ReferenceBackend implements AutoCloseable {
  private final CpuLoops loops;
  private final MatMul matmul;

  FastBackend(WorkerPool pool, CpuLoops loops) {
    super(pool);
    this.loops = loops;
    this.matmul = new MatMul(pool, loops.matmul());
  }

  CpuLoops loops() {
    return loops;
  }

  @Override
  public void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out) {
    if (out.dtype() != DType.F32) {
      super.matmul(a, transposeA, b, transposeB, alpha, beta, out);
      return;
    }
    Checks.MatMulSizes sizes = Checks.matmul(a, transposeA, b, transposeB, beta, out);
    matmul.multiply(
        new MatMul.Operand(a.address(), transposeA, sizes.m(), sizes.k()),
        new MatMul.Operand(b.address(), transposeB, sizes.k(), sizes.n()),
        (float) alpha,
        beta == 1,
        out.address());
  }

  @Override
  public void close() {
    matmul.close();
  }
}
