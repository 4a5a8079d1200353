package assay.tensor;

import java.lang.foreign.MemorySegment;

/** Hands out addresses without memory behind them; its kernels do nothing. */
final class PlanningBackend implements Backend {
  private long next = 1L << 40;

  @Override
  public long allocate(long bytes) {
    long address = next;
    next += bytes;
    return address;
  }

  @Override
  public void free(long address, long bytes) {}

  @Override
  public void copyIn(MemorySegment from, long to) {}

  @Override
  public void copyOut(long from, MemorySegment to) {
    to.fill((byte) 0);
  }

  @Override
  public void fill(Tensor out, double value) {}

  @Override
  public void synchronize() {}

  @Override
  public void unary(UnaryKind kind, Tensor x, Tensor out) {}

  @Override
  public void binary(BinaryKind kind, Tensor a, Tensor b, Tensor out) {}

  @Override
  public void where(Tensor condition, Tensor a, Tensor b, Tensor out) {}

  @Override
  public void cast(Tensor x, Tensor out) {}

  @Override
  public void reduce(ReduceKind kind, Tensor x, int dim, Tensor out) {}

  @Override
  public void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      double alpha,
      double beta,
      Tensor out) {}

  @Override
  public void gather(Tensor x, Tensor rows, Tensor out) {}

  @Override
  public void scatterAdd(Tensor x, Tensor rows, Tensor out) {}

  @Override
  public void random(RandomKind kind, long seed, Tensor out) {}
}
