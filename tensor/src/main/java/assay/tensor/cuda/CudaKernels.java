package assay.tensor.cuda;

import assay.tensor.ActivationKind;
import assay.tensor.AdamWStep;
import assay.tensor.AttentionConfig;
import assay.tensor.Backend;
import assay.tensor.FusedKernels;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.cuda.Kernels.Grid;
import assay.tensor.kernel.Checks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The fused kernels on a GPU. */
final class CudaKernels implements FusedKernels {

  private final CudaBackend backend;
  private final Kernels kernels;
  private final CudnnSoftmax softmax;
  private final CudaAttention attention;

  CudaKernels(CudaBackend backend, Kernels kernels, CudnnSoftmax softmax, CudaAttention attention) {
    this.backend = backend;
    this.kernels = kernels;
    this.softmax = softmax;
    this.attention = attention;
  }

  CudaAttention attention() {
    return attention;
  }

  @Override
  public Backend backend() {
    return backend;
  }

  /** A block for each row of x. */
  private void rows(String file, String name, Tensor x, Object... arguments) {
    if (x.size() > 0) {
      kernels.launch(file, x.dtype(), name, Grid.rows(x.numRows(), x.numColumns()), arguments);
    }
  }

  private void elements(String file, String name, Tensor x, long count, Object... arguments) {
    if (count > 0) {
      kernels.launch(file, x.dtype(), name, Grid.elements(count), arguments);
    }
  }

  @Override
  public void softmax(Tensor x, Tensor out, TensorArena scratch) {
    Checks.sameShape("softmax", x, out);
    Checks.sameDType("softmax", x, out);
    if (x.size() > 0) {
      softmax.forward(x, out);
    }
  }

  @Override
  public void softmaxBackward(Tensor y, Tensor dy, Tensor dx, TensorArena scratch) {
    Checks.sameShape("softmaxBackward", y, dy);
    Checks.sameShape("softmaxBackward", y, dx);
    Checks.sameDType("softmaxBackward", y, dy, dx);
    if (y.size() > 0) {
      softmax.backward(y, dy, dx);
    }
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
    addRmsNorm(x, null, weight, weightOffset, epsilon, x, out, inverseRms, scratch);
  }

  @Override
  public void addRmsNorm(
      Tensor a,
      Tensor b,
      Tensor weight,
      double weightOffset,
      double epsilon,
      Tensor sum,
      Tensor out,
      Tensor inverseRms,
      TensorArena scratch) {
    Checks.sameShape("rmsNorm", a, out);
    Checks.sameDType("rmsNorm", a, weight, out, sum);
    Checks.statistics("rmsNorm", a, inverseRms);
    if (b != null) {
      Checks.sameShape("addRmsNorm", a, b);
      Checks.sameShape("addRmsNorm", a, sum);
      Checks.sameDType("addRmsNorm", a, b);
    }
    rows(
        "rms_norm.cu",
        "rmsNorm",
        a,
        a.address(),
        addressOrNull(b),
        weight.address(),
        weightOffset,
        epsilon,
        sum.address(),
        out.address(),
        inverseRms.address(),
        (long) a.numColumns());
  }

  private static long addressOrNull(Tensor x) {
    return x == null ? 0 : x.address();
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
    addRmsNormBackward(x, weight, weightOffset, inverseRms, dy, null, dx, dWeight, scratch);
  }

  @Override
  public void addRmsNormBackward(
      Tensor sum,
      Tensor weight,
      double weightOffset,
      Tensor inverseRms,
      Tensor dy,
      Tensor dSum,
      Tensor dx,
      Tensor dWeight,
      TensorArena scratch) {
    Checks.sameShape("rmsNormBackward", sum, dy);
    Checks.sameShape("rmsNormBackward", sum, dx);
    Checks.sameDType("rmsNormBackward", sum, weight, dy, dx);
    Checks.statistics("rmsNormBackward", sum, inverseRms);
    if (dSum != null) {
      Checks.sameShape("addRmsNormBackward", sum, dSum);
      Checks.sameDType("addRmsNormBackward", sum, dSum);
    }
    long rows = sum.numRows();
    long columns = sum.numColumns();
    if (dWeight != null && sum.size() > 0) {
      Checks.statistics("rmsNormBackward", sum, dWeight);
      kernels.launch(
          "rms_norm.cu",
          sum.dtype(),
          "weightGradient",
          new Grid((int) Math.ceilDiv(columns, 32L), 1, 32, 8),
          sum.address(),
          inverseRms.address(),
          dy.address(),
          dWeight.address(),
          rows,
          columns);
    }
    rows(
        "rms_norm.cu",
        "rmsNormBackward",
        sum,
        sum.address(),
        weight.address(),
        weightOffset,
        inverseRms.address(),
        dy.address(),
        addressOrNull(dSum),
        dx.address(),
        columns);
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
    Checks.sameShape("rope", x, out);
    Checks.sameDType("rope", x, out);
    Checks.statistics("rope", x, cos, sin);
    long numPairs = x.size() / 2;
    elements(
        "rope.cu",
        "rope",
        x,
        numPairs,
        x.address(),
        cos.address(),
        sin.address(),
        (long) (x.numColumns() / headDim),
        (long) (headDim / 2),
        inverse ? -1 : 1,
        out.address(),
        numPairs);
  }

  @Override
  public void gatedActivation(
      ActivationKind kind, Tensor gate, Tensor up, Tensor out, TensorArena scratch) {
    Checks.sameShape("gatedActivation", gate, up);
    Checks.sameShape("gatedActivation", gate, out);
    Checks.sameDType("gatedActivation", gate, up, out);
    elements(
        "gated_activation.cu",
        kind.name(),
        gate,
        gate.size(),
        gate.address(),
        up.address(),
        out.address(),
        gate.size());
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
    for (Tensor other : new Tensor[] {up, dy, dGate, dUp}) {
      Checks.sameShape("gatedActivationBackward", gate, other);
    }
    Checks.sameDType("gatedActivationBackward", gate, up, dy, dGate, dUp);
    elements(
        "gated_activation.cu",
        kind + "_BACKWARD",
        gate,
        gate.size(),
        gate.address(),
        up.address(),
        dy.address(),
        dGate.address(),
        dUp.address(),
        gate.size());
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
    attention.forward(config, segments, queryRows, q, k, v, out, logSumExp);
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
    attention.backward(
        config, segments, queryRows, q, k, v, out, logSumExp, dOut, dq, dk, dv, scratch);
  }

  @Override
  public void adamW(
      AdamWStep step, Tensor weight, Tensor gradient, Tensor m, Tensor v, TensorArena scratch) {
    Checks.sameDType("adamW", weight, gradient, m, v);
    for (Tensor other : new Tensor[] {gradient, m, v}) {
      Checks.sameSize("adamW", weight, other);
    }
    elements(
        "adamw.cu",
        "adamW",
        weight,
        weight.size(),
        weight.address(),
        gradient.address(),
        m.address(),
        v.address(),
        struct(step),
        weight.size());
  }

  @Override
  public void adamWSplit(
      AdamWStep step,
      Tensor high,
      Tensor low,
      Tensor gradient,
      Tensor m,
      Tensor v,
      TensorArena scratch) {
    for (Tensor other : new Tensor[] {gradient, m, v}) {
      Checks.splitWeights(other, high, low);
    }
    elements(
        "adamw.cu",
        "adamWSplit",
        gradient,
        gradient.size(),
        high.address(),
        low.address(),
        gradient.address(),
        m.address(),
        v.address(),
        struct(step),
        gradient.size());
  }

  /** The struct Step of adamw.cu. */
  private static byte[] struct(AdamWStep step) {
    return ByteBuffer.allocate(7 * 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putDouble(step.gradientScale())
        .putDouble(1 - step.learningRate() * step.weightDecay())
        .putDouble(step.beta1())
        .putDouble(step.beta2())
        .putDouble(step.learningRate() / (1 - Math.pow(step.beta1(), (double) step.step())))
        .putDouble(Math.sqrt(1 - Math.pow(step.beta2(), (double) step.step())))
        .putDouble(step.epsilon())
        .array();
  }

  @Override
  public void joinWeights(Tensor high, Tensor low, Tensor weight) {
    Checks.splitWeights(weight, high, low);
    elements(
        "split_weights.cu",
        "joinWeights",
        weight,
        weight.size(),
        high.address(),
        low.address(),
        weight.address(),
        weight.size());
  }

  @Override
  public void splitWeights(Tensor weight, Tensor high, Tensor low) {
    Checks.splitWeights(weight, high, low);
    elements(
        "split_weights.cu",
        "splitWeights",
        weight,
        weight.size(),
        weight.address(),
        high.address(),
        low.address(),
        weight.size());
  }

  @Override
  public void sumsOfSquares(Tensor x, Tensor out, TensorArena scratch) {
    if (out.size() == 0) {
      return;
    }
    int columns = Math.toIntExact(x.size() / out.size());
    Grid grid = Grid.rows(Math.toIntExact(out.size()), columns);
    kernels.launch(
        "sums_of_squares.cu",
        x.dtype(),
        "sums_of_squares",
        grid,
        x.address(),
        out.address(),
        (long) columns);
  }
}
