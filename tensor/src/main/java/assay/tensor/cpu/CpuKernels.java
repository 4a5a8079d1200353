package assay.tensor.cpu;

import assay.tensor.ActivationKind;
import assay.tensor.AdamWStep;
import assay.tensor.AttentionConfig;
import assay.tensor.Backend;
import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.FusedKernels;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.function.LongConsumer;

/**
 * The fused kernels for F32: one pass over memory each, rows or runs dealt out to the threads.
 * Other dtypes go through the definitions in {@link FusedKernels}. None takes memory from an arena.
 */
final class CpuKernels implements FusedKernels, AutoCloseable {
  /** Elements of a task of an element-wise kernel. */
  private static final long RUN = 1 << 14;

  /** Rows whose share of a norm's weight gradient is summed first; not a matter of threads. */
  private static final int ROWS_PER_SUM = 64;

  private final FastBackend backend;
  private final WorkerPool pool;
  private final RowLoops loops;
  private final CpuAttention attention;
  private long sumsAddress; // partial sums of weight gradients
  private long sumsBytes;

  CpuKernels(FastBackend backend) {
    this.backend = backend;
    this.pool = backend.pool();
    this.loops = backend.loops().rows();
    this.attention = new CpuAttention(pool, backend.loops());
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public void rmsNorm(
      Tensor x,
      Tensor weight,
      double weightOffset,
      double epsilon,
      Tensor out,
      Tensor inverseRms,
      TensorArena scratch) {
    if (x.dtype() != DType.F32) {
      FusedKernels.super.rmsNorm(x, weight, weightOffset, epsilon, out, inverseRms, scratch);
      return;
    }
    Checks.sameShape("rmsNorm", x, out);
    int columns = x.numColumns();
    long rowBytes = 4L * columns;
    long from = x.address();
    long to = out.address();
    long weights = weight.address();
    long inverses = inverseRms.address();
    forRows(
        x,
        row -> {
          long address = from + row * rowBytes;
          double mean = loops.sumOfSquares(address, columns) / columns;
          float r = (float) (1 / Math.sqrt(mean + epsilon));
          Memory.setFloat(inverses + 4 * row, r);
          loops.rmsNorm(address, r, weights, (float) weightOffset, to + row * rowBytes, columns);
        });
  }

  @Override
  public void rmsNormBackward(
      Tensor x,
      Tensor weight,
      double weightOffset,
      Tensor inverseRms,
      Tensor dy,
      Tensor dx,
      Tensor dWeight,
      TensorArena scratch) {
    if (x.dtype() != DType.F32) {
      FusedKernels.super.rmsNormBackward(
          x, weight, weightOffset, inverseRms, dy, dx, dWeight, scratch);
      return;
    }
    Checks.sameShape("rmsNormBackward", x, dy);
    Checks.sameShape("rmsNormBackward", x, dx);
    int columns = x.numColumns();
    long rowBytes = 4L * columns;
    long values = x.address();
    long gradients = dy.address();
    long weights = weight.address();
    long inverses = inverseRms.address();
    long to = dx.address();
    float offset = (float) weightOffset;
    forRows(
        x,
        row -> {
          long at = row * rowBytes;
          float r = Memory.getFloat(inverses + 4 * row);
          double dot = loops.weightedDot(gradients + at, weights, offset, values + at, columns);
          float factor = (float) ((double) r * r * r * dot / columns);
          loops.rmsNormBackward(
              gradients + at, weights, offset, r, values + at, factor, to + at, columns);
        });
    if (dWeight != null) {
      addWeightGradient(x, inverseRms, dy, dWeight);
    }
  }

  /** Sums of a fixed number of rows each, then added in order: the same with any threads. */
  private void addWeightGradient(Tensor x, Tensor inverseRms, Tensor dy, Tensor dWeight) {
    int columns = x.numColumns();
    int rows = x.numRows();
    long rowBytes = 4L * columns;
    int numSums = Math.ceilDiv(rows, ROWS_PER_SUM);
    long sums = sums(numSums * rowBytes);
    long values = x.address();
    long gradients = dy.address();
    long inverses = inverseRms.address();
    pool.run(
        numSums,
        part -> {
          long sum = sums + part * rowBytes;
          Memory.zero(sum, rowBytes);
          int end = Math.min(rows, (part + 1) * ROWS_PER_SUM);
          for (int row = part * ROWS_PER_SUM; row < end; row++) {
            long at = row * rowBytes;
            float r = Memory.getFloat(inverses + 4L * row);
            loops.addNormed(gradients + at, values + at, r, sum, columns);
          }
        });
    ElementLoops elements = backend.loops().elements();
    long to = dWeight.address();
    for (int part = 0; part < numSums; part++) {
      elements.binary(BinaryKind.ADD, to, sums + part * rowBytes, false, to, columns);
    }
  }

  private long sums(long bytes) {
    if (bytes > sumsBytes) {
      if (sumsBytes > 0) {
        Memory.free(sumsAddress);
      }
      sumsBytes = Math.ceilDiv(bytes, 64) * 64;
      sumsAddress = Memory.allocate(sumsBytes, 64);
    }
    return sumsAddress;
  }

  @Override
  public void rope(
      Tensor x,
      Tensor cos,
      Tensor sin,
      int headDim,
      boolean inverse,
      Tensor out,
      TensorArena scratch) {
    if (x.dtype() != DType.F32) {
      FusedKernels.super.rope(x, cos, sin, headDim, inverse, out, scratch);
      return;
    }
    Checks.sameShape("rope", x, out);
    int half = headDim / 2;
    int heads = x.numColumns() / headDim;
    float sign = inverse ? -1 : 1;
    long from = x.address();
    long to = out.address();
    long cosines = cos.address();
    long sines = sin.address();
    forRows(
        x,
        row -> {
          long angles = 4 * row * half;
          for (int head = 0; head < heads; head++) {
            long at = 4 * (row * heads + head) * headDim;
            loops.rotate(from + at, cosines + angles, sines + angles, sign, to + at, half);
          }
        });
  }

  @Override
  public void gatedActivation(
      ActivationKind kind, Tensor gate, Tensor up, Tensor out, TensorArena scratch) {
    if (gate.dtype() != DType.F32) {
      FusedKernels.super.gatedActivation(kind, gate, up, out, scratch);
      return;
    }
    Checks.sameShape("gatedActivation", gate, up);
    Checks.sameShape("gatedActivation", gate, out);
    long gates = gate.address();
    long ups = up.address();
    long to = out.address();
    forRuns(gate.size(), (at, count) -> loops.gated(kind, gates + at, ups + at, to + at, count));
  }

  @Override
  public void gatedActivationBackward(
      ActivationKind kind,
      Tensor gate,
      Tensor up,
      Tensor dy,
      Tensor dGate,
      Tensor dUp,
      TensorArena scratch) {
    if (gate.dtype() != DType.F32) {
      FusedKernels.super.gatedActivationBackward(kind, gate, up, dy, dGate, dUp, scratch);
      return;
    }
    Checks.sameShape("gatedActivationBackward", gate, dy);
    long gates = gate.address();
    long ups = up.address();
    long gradients = dy.address();
    long gateGradients = dGate.address();
    long upGradients = dUp.address();
    forRuns(
        gate.size(),
        (at, count) ->
            loops.gatedBackward(
                kind,
                gates + at,
                ups + at,
                gradients + at,
                gateGradients + at,
                upGradients + at,
                count));
  }

  @Override
  public void attention(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      TensorArena scratch) {
    if (q.dtype() != DType.F32) {
      FusedKernels.super.attention(config, segments, queryRows, q, k, v, out, logSumExp, scratch);
      return;
    }
    attention.forward(
        config, segments, queryRows, new CpuAttention.Forward(q, k, v, out, logSumExp));
  }

  @Override
  public void attentionBackward(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dOut,
      Tensor dq,
      Tensor dk,
      Tensor dv,
      TensorArena scratch) {
    if (q.dtype() != DType.F32) {
      FusedKernels.super.attentionBackward(
          config, segments, queryRows, q, k, v, out, logSumExp, dOut, dq, dk, dv, scratch);
      return;
    }
    attention.backward(
        config,
        segments,
        queryRows,
        new CpuAttention.Backward(q, k, v, out, logSumExp, dOut, dq, dk, dv));
  }

  @Override
  public void adamW(
      AdamWStep step, Tensor weight, Tensor gradient, Tensor m, Tensor v, TensorArena scratch) {
    if (weight.dtype() != DType.F32) {
      FusedKernels.super.adamW(step, weight, gradient, m, v, scratch);
      return;
    }
    double correction1 = 1 - Math.pow(step.beta1(), (double) step.step());
    double correction2 = 1 - Math.pow(step.beta2(), (double) step.step());
    RowLoops.AdamWNumbers numbers =
        new RowLoops.AdamWNumbers(
            (float) step.gradientScale(),
            (float) (1 - step.learningRate() * step.weightDecay()),
            (float) step.beta1(),
            (float) (1 - step.beta1()),
            (float) step.beta2(),
            (float) (1 - step.beta2()),
            (float) (step.learningRate() / correction1),
            (float) (1 / Math.sqrt(correction2)),
            (float) step.epsilon());
    long weights = weight.address();
    long gradients = gradient.address();
    long means = m.address();
    long squares = v.address();
    forRuns(
        weight.size(),
        (at, count) ->
            loops.adamW(numbers, weights + at, gradients + at, means + at, squares + at, count));
  }

  @Override
  public void sumOfSquares(Tensor x, Tensor out, TensorArena scratch) {
    if (x.dtype() != DType.F32) {
      FusedKernels.super.sumOfSquares(x, out, scratch);
      return;
    }
    double[] sums = new double[Math.toIntExact(Math.ceilDiv(x.size(), RUN))];
    long values = x.address();
    forRuns(
        x.size(),
        (at, count) -> sums[(int) (at / (4 * RUN))] = loops.sumOfSquares(values + at, count));
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    Memory.setDouble(out.address(), sum);
  }

  /** What is done to elements from a byte offset on. */
  private interface RunTask {
    void accept(long at, long count);
  }

  private void forRuns(long size, RunTask task) {
    pool.run(
        Math.toIntExact(Math.ceilDiv(size, RUN)),
        i -> task.accept(4L * i * RUN, Math.min(RUN, size - i * RUN)));
  }

  /** Rows in runs of about {@link #RUN} elements. */
  private void forRows(Tensor x, LongConsumer task) {
    int rows = x.numRows();
    int rowsPerTask = Math.max(1, (int) (RUN / Math.max(1, x.numColumns())));
    pool.run(
        Math.ceilDiv(rows, rowsPerTask),
        part -> {
          int end = Math.min(rows, (part + 1) * rowsPerTask);
          for (int row = part * rowsPerTask; row < end; row++) {
            task.accept(row);
          }
        });
  }

  @Override
  public void close() {
    attention.close();
    if (sumsBytes > 0) {
      Memory.free(sumsAddress);
    }
  }
}
