package assay.tensor.cpu;

import assay.tensor.Backend;
import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.RandomKind;
import assay.tensor.ReduceKind;
import assay.tensor.Tensor;
import assay.tensor.UnaryKind;
import assay.tensor.kernel.Broadcast;
import assay.tensor.kernel.Checks;
import java.lang.foreign.MemorySegment;

/**
 * The backend in plain loops: each element is read as a double, computed in double, and rounded
 * once. It defines what the faster kernels must give, and computes F64 for the gradient checks.
 */
class ReferenceBackend implements Backend {
  private static final long ALIGNMENT = 64;

  private final WorkerPool pool;

  ReferenceBackend(WorkerPool pool) {
    this.pool = pool;
  }

  WorkerPool pool() {
    return pool;
  }

  @Override
  public long allocate(long bytes) {
    return Memory.allocate(Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT, ALIGNMENT);
  }

  @Override
  public void free(long address, long bytes) {
    Memory.free(address);
  }

  @Override
  public void copyIn(MemorySegment from, long to) {
    MemorySegment.copy(from, 0, Memory.ALL, to, from.byteSize());
  }

  @Override
  public void copyOut(long from, MemorySegment to) {
    MemorySegment.copy(Memory.ALL, from, to, 0, to.byteSize());
  }

  @Override
  public void synchronize() {} // kernels have run when their method returns

  @Override
  public void fill(Tensor out, double value) {
    long address = out.address();
    DType dtype = out.dtype();
    forElements(out, i -> Elements.set(dtype, address, i, value));
  }

  @Override
  public void unary(UnaryKind kind, Tensor x, Tensor out) {
    Checks.sameShape("unary " + kind, x, out);
    Checks.sameDType("unary " + kind, x, out);
    long from = x.address();
    long to = out.address();
    DType dtype = out.dtype();
    forElements(out, i -> Elements.set(dtype, to, i, apply(kind, Elements.get(dtype, from, i))));
  }

  @Override
  public void binary(BinaryKind kind, Tensor a, Tensor b, Tensor out) {
    Broadcast broadcast = Broadcast.of(kind, a, b, out);
    long left = a.address();
    long right = b.address();
    long to = out.address();
    DType dtype = out.dtype();
    forElements(
        out,
        i ->
            Elements.set(
                dtype,
                to,
                i,
                apply(
                    kind,
                    Elements.get(dtype, left, i),
                    Elements.get(dtype, right, broadcast.index(i)))));
  }

  @Override
  public void where(Tensor condition, Tensor a, Tensor b, Tensor out) {
    Checks.where(condition, a, b, out);
    long test = condition.address();
    long left = a.address();
    long right = b.address();
    long to = out.address();
    long step = b.size() == 1 ? 0 : 1;
    DType dtype = out.dtype();
    forElements(
        out,
        i -> {
          boolean holds = Elements.get(dtype, test, i) != 0;
          Elements.set(
              dtype,
              to,
              i,
              holds ? Elements.get(dtype, left, i) : Elements.get(dtype, right, i * step));
        });
  }

  @Override
  public void cast(Tensor x, Tensor out) {
    Checks.sameSize("cast", x, out);
    long from = x.address();
    long to = out.address();
    forElements(out, i -> Elements.set(out.dtype(), to, i, Elements.get(x.dtype(), from, i)));
  }

  @Override
  public void reduce(ReduceKind kind, Tensor x, int dim, Tensor out) {
    Checks.reduction(kind, x, dim, out);
    Checks.sumDType("reduce " + kind, x, out);
    int rows = x.numRows();
    int columns = x.numColumns();
    int count = dim == 1 ? columns : rows;
    long step = dim == 1 ? 1 : columns;
    long from = x.address();
    long to = out.address();
    DType dtype = x.dtype();
    pool.run(
        dim == 1 ? rows : columns,
        line -> {
          long first = dim == 1 ? (long) line * columns : line;
          double total = kind == ReduceKind.SUM ? 0 : Double.NEGATIVE_INFINITY;
          for (int i = 0; i < count; i++) {
            double value = Elements.get(dtype, from, first + i * step);
            total = kind == ReduceKind.SUM ? total + value : Math.max(total, value);
          }
          Elements.set(out.dtype(), to, line, total);
        });
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
    Checks.MatMulSizes sizes = Checks.matmul(a, transposeA, b, transposeB, beta, out);
    int m = sizes.m();
    int k = sizes.k();
    int n = sizes.n();
    long left = a.address();
    long right = b.address();
    long to = out.address();
    DType dtype = a.dtype();
    long leftRow = transposeA ? 1 : k;
    long leftColumn = transposeA ? m : 1;
    long rightRow = transposeB ? 1 : n;
    long rightColumn = transposeB ? k : 1;
    pool.run(
        m,
        row -> {
          for (int column = 0; column < n; column++) {
            double sum = 0;
            for (int i = 0; i < k; i++) {
              sum +=
                  Elements.get(dtype, left, row * leftRow + i * leftColumn)
                      * Elements.get(dtype, right, i * rightRow + column * rightColumn);
            }
            long index = (long) row * n + column;
            double before = beta == 0 ? 0 : Elements.get(out.dtype(), to, index);
            Elements.set(out.dtype(), to, index, alpha * sum + before);
          }
        });
  }

  @Override
  public void gather(Tensor x, Tensor rows, Tensor out) {
    Checks.rows("gather", x, rows, out);
    long rowBytes = (long) x.numColumns() * x.dtype().bytes();
    long from = x.address();
    long index = rows.address();
    long to = out.address();
    Checks.indices("gather", rows.toInts(), x.numRows());
    pool.run(
        out.numRows(),
        i ->
            Memory.copy(
                from + Memory.getInt(index + 4L * i) * rowBytes, to + i * rowBytes, rowBytes));
  }

  @Override
  public void scatterAdd(Tensor x, Tensor rows, Tensor out) {
    Checks.rows("scatterAdd", out, rows, x);
    Checks.indices("scatterAdd", rows.toInts(), out.numRows());
    int columns = x.numColumns();
    long from = x.address();
    long index = rows.address();
    long to = out.address();
    for (int i = 0; i < x.numRows(); i++) { // in order: rows may repeat
      long target = (long) Memory.getInt(index + 4L * i) * columns;
      for (int column = 0; column < columns; column++) {
        double sum =
            Elements.get(out.dtype(), to, target + column)
                + Elements.get(x.dtype(), from, (long) i * columns + column);
        Elements.set(out.dtype(), to, target + column, sum);
      }
    }
  }

  @Override
  public void random(RandomKind kind, long seed, Tensor out) {
    long to = out.address();
    DType dtype = out.dtype();
    forElements(out, i -> Elements.set(dtype, to, i, CounterRandom.draw(kind, seed, i)));
  }

  static double apply(UnaryKind kind, double x) {
    return switch (kind) {
      case COPY -> x;
      case NEGATE -> -x;
      case ABSOLUTE -> Math.abs(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case TANH -> Math.tanh(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case LOG_SIGMOID -> Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
    };
  }

  static double apply(BinaryKind kind, double a, double b) {
    return switch (kind) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MAXIMUM -> Math.max(a, b);
      case LESS -> a < b ? 1 : 0;
      case LESS_EQUAL -> a <= b ? 1 : 0;
      case EQUAL -> a == b ? 1 : 0;
    };
  }

  /** What is done to element i. */
  interface ElementTask {
    void accept(long i);
  }

  /** Runs over all elements of a tensor, in parallel by runs of a fixed length. */
  private void forElements(Tensor out, ElementTask task) {
    long size = out.size();
    long run = 4096;
    pool.run(
        Math.toIntExact(Math.ceilDiv(size, run)),
        t -> {
          long end = Math.min(size, (t + 1) * run);
          for (long i = t * run; i < end; i++) {
            task.accept(i);
          }
        });
  }
}
