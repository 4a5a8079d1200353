package assay.tensor.cpu;

import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.ReduceKind;
import assay.tensor.Tensor;
import assay.tensor.UnaryKind;
import assay.tensor.kernel.Broadcast;
import assay.tensor.kernel.Checks;

/**
 * The backend for use: F32 goes through fast loops, the other dtypes through the reference's. Here
 * work is checked, cut into tasks and handed to the pool; no result depends on the cutting.
 */
final class FastBackend extends ReferenceBackend implements AutoCloseable {
  /** Elements per task: 64 KiB, some microseconds. */
  private static final int TASK_SIZE = 16_384;

  /** Rows whose sum over dim 0 is one partial sum. */
  private static final int SUM_ROWS = 256;

  private static final long LINE_BYTES = 4L * ElementLoops.LINE;

  private final CpuLoops loops;
  private final ElementLoops elements;
  private final MatMul matmul;
  private final long[] lines; // per worker: room for one value, repeated

  FastBackend(WorkerPool pool, CpuLoops loops) {
    super(pool);
    this.loops = loops;
    this.elements = loops.elements();
    this.matmul = new MatMul(pool, loops.matmul());
    this.lines = new long[pool.numThreads()];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = Memory.allocate(LINE_BYTES, LINE_BYTES);
    }
  }

  CpuLoops loops() {
    return loops;
  }

  @Override
  public void close() {
    matmul.close();
    for (long line : lines) {
      Memory.free(line);
    }
  }

  @Override
  public void fill(Tensor out, double value) {
    long to = out.address();
    boolean allBitsZero = Double.doubleToRawLongBits(value) == 0;
    if (out.dtype() == DType.F32) {
      forRuns(
          out.size(),
          (start, count, worker) -> elements.fill((float) value, to + 4 * start, count));
    } else if (allBitsZero) {
      forRuns(out.bytes(), (start, count, worker) -> Memory.zero(to + start, count));
    } else {
      super.fill(out, value);
    }
  }

  @Override
  public void unary(UnaryKind kind, Tensor x, Tensor out) {
    if (out.dtype() != DType.F32) {
      super.unary(kind, x, out);
      return;
    }
    Checks.sameShape("unary " + kind, x, out);
    Checks.sameDType("unary " + kind, x, out);
    long from = x.address();
    long to = out.address();
    forRuns(
        out.size(),
        (start, count, worker) -> elements.unary(kind, from + 4 * start, to + 4 * start, count));
  }

  @Override
  public void binary(BinaryKind kind, Tensor a, Tensor b, Tensor out) {
    if (out.dtype() != DType.F32) {
      super.binary(kind, a, b, out);
      return;
    }
    Broadcast broadcast = Broadcast.of(kind, a, b, out);
    long left = a.address();
    long right = b.address();
    long to = out.address();
    switch (broadcast.kind()) {
      case SAME ->
          forRuns(
              out.size(),
              (start, count, worker) -> {
                long offset = 4 * start;
                elements.binary(kind, left + offset, right + offset, false, to + offset, count);
              });
      case SCALAR ->
          forRuns(
              out.size(),
              (start, count, worker) -> {
                long line = line(worker, right);
                elements.binary(kind, left + 4 * start, line, true, to + 4 * start, count);
              });
      case ROW ->
          forRows(
              out,
              (row, offset, worker) ->
                  elements.binary(
                      kind, left + offset, right, false, to + offset, broadcast.columns()));
      case COLUMN ->
          forRows(
              out,
              (row, offset, worker) -> {
                long line = line(worker, right + 4L * row);
                elements.binary(kind, left + offset, line, true, to + offset, broadcast.columns());
              });
    }
  }

  /** {@code out = kind(x, value)}, F32. */
  void binaryScalar(BinaryKind kind, Tensor x, float value, Tensor out) {
    Checks.sameShape("binary " + kind, x, out);
    Checks.sameDType("binary " + kind, x, out);
    long from = x.address();
    long to = out.address();
    forRuns(
        out.size(),
        (start, count, worker) -> {
          elements.fill(value, lines[worker], ElementLoops.LINE);
          elements.binary(kind, from + 4 * start, lines[worker], true, to + 4 * start, count);
        });
  }

  @Override
  public void where(Tensor condition, Tensor a, Tensor b, Tensor out) {
    if (out.dtype() != DType.F32) {
      super.where(condition, a, b, out);
      return;
    }
    Checks.where(condition, a, b, out);
    long test = condition.address();
    long left = a.address();
    long to = out.address();
    long right = b.address();
    boolean isScalar = b.size() == 1;
    forRuns(
        out.size(),
        (start, count, worker) -> {
          long offset = 4 * start;
          long rightStart = isScalar ? line(worker, right) : right + offset;
          elements.where(test + offset, left + offset, rightStart, isScalar, to + offset, count);
        });
  }

  @Override
  public void cast(Tensor x, Tensor out) {
    Checks.sameSize("cast", x, out);
    long from = x.address();
    long to = out.address();
    if (x.dtype() == out.dtype()) {
      forRuns(x.bytes(), (start, count, worker) -> Memory.copy(from + start, to + start, count));
    } else if (x.dtype() == DType.F32 && out.dtype() == DType.BF16) {
      forRuns(
          x.size(),
          (start, count, worker) ->
              elements.floatToBfloat16(from + 4 * start, to + 2 * start, count));
    } else if (x.dtype() == DType.BF16 && out.dtype() == DType.F32) {
      forRuns(
          x.size(),
          (start, count, worker) ->
              elements.bfloat16ToFloat(from + 2 * start, to + 4 * start, count));
    } else {
      super.cast(x, out);
    }
  }

  @Override
  public void reduce(ReduceKind kind, Tensor x, int dim, Tensor out) {
    if (x.dtype() != DType.F32 || (dim == 0 && kind == ReduceKind.MAXIMUM)) {
      super.reduce(kind, x, dim, out);
      return;
    }
    Checks.reduction(kind, x, dim, out);
    Checks.sameDType("reduce " + kind, x, out);
    if (dim == 0) {
      sumOfRows(x, out);
      return;
    }
    long from = x.address();
    long to = out.address();
    int columns = x.numColumns();
    forRows(
        x,
        (row, offset, worker) -> {
          float value =
              switch (kind) {
                case SUM -> (float) elements.sum(from + offset, columns);
                case MAXIMUM -> elements.maximum(from + offset, columns);
              };
          Memory.setFloat(to + 4L * row, value);
        });
  }

  /** In F64: each run of rows has its own sum, and these are added in order. */
  private void sumOfRows(Tensor x, Tensor out) {
    int rows = x.numRows();
    int columns = x.numColumns();
    long from = x.address();
    double[][] sums = new double[Math.ceilDiv(rows, SUM_ROWS)][columns];
    pool()
        .run(
            sums.length,
            run -> {
              int end = Math.min(rows, (run + 1) * SUM_ROWS);
              for (int row = run * SUM_ROWS; row < end; row++) {
                elements.addTo(sums[run], from + 4L * row * columns);
              }
            });
    long to = out.address();
    for (int column = 0; column < columns; column++) {
      double sum = 0;
      for (double[] runSums : sums) {
        sum += runSums[column];
      }
      Memory.setFloat(to + 4L * column, (float) sum);
    }
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
    if (a.dtype() != DType.F32) {
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
  public void gather(Tensor x, Tensor rows, Tensor out) {
    Checks.rows("gather", x, rows, out);
    Checks.indices("gather", rows.toInts(), x.numRows());
    long rowBytes = (long) x.numColumns() * x.dtype().bytes();
    long from = x.address();
    long index = rows.address();
    long to = out.address();
    forRows(
        out,
        (row, offset, worker) ->
            Memory.copy(
                from + Memory.getInt(index + 4L * row) * rowBytes, to + row * rowBytes, rowBytes));
  }

  /** Each task adds all rows, in order, within a strip of columns. */
  @Override
  public void scatterAdd(Tensor x, Tensor rows, Tensor out) {
    if (x.dtype() != DType.F32) {
      super.scatterAdd(x, rows, out);
      return;
    }
    Checks.rows("scatterAdd", out, rows, x);
    Checks.indices("scatterAdd", rows.toInts(), out.numRows());
    int numRows = x.numRows();
    int columns = x.numColumns();
    long from = x.address();
    long index = rows.address();
    long to = out.address();
    int numStrips =
        x.size() <= TASK_SIZE ? 1 : Math.min(pool().numThreads(), Math.ceilDiv(columns, 64));
    int width = Math.ceilDiv(columns, numStrips);
    pool()
        .run(
            numStrips,
            strip -> {
              int column = strip * width;
              int count = Math.min(width, columns - column);
              for (int i = 0; i < numRows; i++) {
                long target = to + 4 * ((long) Memory.getInt(index + 4L * i) * columns + column);
                long source = from + 4 * ((long) i * columns + column);
                elements.binary(BinaryKind.ADD, target, source, false, target, count);
              }
            });
  }

  /** Writes the value at an address as often as the element loops want it, to a worker's line. */
  private long line(int worker, long address) {
    float value = Memory.getFloat(address);
    for (int i = 0; i < ElementLoops.LINE; i++) {
      Memory.setFloat(lines[worker] + 4L * i, value);
    }
    return lines[worker];
  }

  /** What is done to a run of elements. */
  interface RunTask {
    void run(long start, long count, int worker);
  }

  /** Cuts 0 to size - 1 into runs. */
  void forRuns(long size, RunTask task) {
    pool()
        .runOnWorkers(
            Math.toIntExact(Math.ceilDiv(size, TASK_SIZE)),
            (i, worker) -> {
              long start = (long) i * TASK_SIZE;
              task.run(start, Math.min(TASK_SIZE, size - start), worker);
            });
  }

  /** What is done to a row. */
  interface RowTask {
    /**
     * @param offset of the row's first byte
     */
    void run(int row, long offset, int worker);
  }

  /** Visits the rows, several in one task. */
  void forRows(Tensor x, RowTask task) {
    int rows = x.numRows();
    long rowBytes = (long) x.numColumns() * x.dtype().bytes();
    int rowsPerTask = Math.max(1, TASK_SIZE / Math.max(1, x.numColumns()));
    pool()
        .runOnWorkers(
            Math.ceilDiv(rows, rowsPerTask),
            (i, worker) -> {
              int end = Math.min(rows, (i + 1) * rowsPerTask);
              for (int row = i * rowsPerTask; row < end; row++) {
                task.run(row, row * rowBytes, worker);
              }
            });
  }
}
