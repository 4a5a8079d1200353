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

/**
 * The fused kernels for use: F32 goes to one class per technique, every other dtype to the default
 * bodies. None takes scratch.
 */
final class CpuKernels implements FusedKernels, AutoCloseable {
  private final FastBackend backend;
  private final SoftmaxKernel softmax;
  private final RmsNormKernel rmsNorm;
  private final RopeKernel rope;
  private final GatedActivationKernel gatedActivation;
  private final CpuAttention attention;
  private final AdamWKernel adamW;
  private final SumsOfSquaresKernel sumsOfSquares;

  CpuKernels(FastBackend backend) {
    this.backend = backend;
    this.softmax = new SoftmaxKernel(backend);
    this.rmsNorm = new RmsNormKernel(backend);
    this.rope = new RopeKernel(backend);
    this.gatedActivation = new GatedActivationKernel(backend);
    this.attention = new CpuAttention(backend.pool(), backend.loops());
    this.adamW = new AdamWKernel(backend);
    this.sumsOfSquares = new SumsOfSquaresKernel(backend);
  }

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public void close() {
    attention.close();
    rmsNorm.close();
  }

  private static boolean isFast(Tensor x) {
    return x.dtype() == DType.F32;
  }

  @Override
  public void softmax(Tensor x, Tensor out, TensorArena scratch) {
    if (isFast(x)) {
      softmax.forward(x, out);
    } else {
      FusedKernels.super.softmax(x, out, scratch);
    }
  }

  @Override
  public void softmaxBackward(Tensor y, Tensor dy, Tensor dx, TensorArena scratch) {
    if (isFast(y)) {
      softmax.backward(y, dy, dx);
    } else {
      FusedKernels.super.softmaxBackward(y, dy, dx, scratch);
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
    if (isFast(x)) {
      rmsNorm.forward(x, weight, weightOffset, epsilon, out, inverseRms);
    } else {
      FusedKernels.super.rmsNorm(x, weight, weightOffset, epsilon, out, inverseRms, scratch);
    }
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
    if (isFast(x)) {
      rmsNorm.backward(x, weight, weightOffset, inverseRms, dy, dx, dWeight);
    } else {
      FusedKernels.super.rmsNormBackward(
          x, weight, weightOffset, inverseRms, dy, dx, dWeight, scratch);
    }
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
    if (isFast(x)) {
      rope.rotate(x, cos, sin, headDim, inverse, out);
    } else {
      FusedKernels.super.rope(x, cos, sin, headDim, inverse, out, scratch);
    }
  }

  @Override
  public void gatedActivation(
      ActivationKind kind, Tensor gate, Tensor up, Tensor out, TensorArena scratch) {
    if (isFast(gate)) {
      gatedActivation.forward(kind, gate, up, out);
    } else {
      FusedKernels.super.gatedActivation(kind, gate, up, out, scratch);
    }
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
    if (isFast(gate)) {
      gatedActivation.backward(kind, gate, up, dy, dGate, dUp);
    } else {
      FusedKernels.super.gatedActivationBackward(kind, gate, up, dy, dGate, dUp, scratch);
    }
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
    if (isFast(q)) {
      attention.forward(
          config, segments, queryRows, new AttentionForward.Tensors(q, k, v, out, logSumExp));
    } else {
      FusedKernels.super.attention(config, segments, queryRows, q, k, v, out, logSumExp, scratch);
    }
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
    if (isFast(q)) {
      attention.backward(
          config,
          segments,
          queryRows,
          new AttentionBackward.Tensors(q, k, v, out, logSumExp, dOut, dq, dk, dv));
    } else {
      FusedKernels.super.attentionBackward(
          config, segments, queryRows, q, k, v, out, logSumExp, dOut, dq, dk, dv, scratch);
    }
  }

  @Override
  public void adamW(
      AdamWStep step, Tensor weight, Tensor gradient, Tensor m, Tensor v, TensorArena scratch) {
    if (isFast(weight)) {
      adamW.step(step, weight, gradient, m, v);
    } else {
      FusedKernels.super.adamW(step, weight, gradient, m, v, scratch);
    }
  }

  @Override
  public void sumsOfSquares(Tensor x, Tensor out, TensorArena scratch) {
    if (isFast(x)) {
      sumsOfSquares.sum(x, out);
    } else {
      FusedKernels.super.sumsOfSquares(x, out, scratch);
    }
  }

  @Override
  public void binaryScalar(
      BinaryKind kind, Tensor x, double value, Tensor out, TensorArena scratch) {
    if (isFast(x)) {
      backend.binaryScalar(kind, x, (float) value, out);
    } else {
      FusedKernels.super.binaryScalar(kind, x, value, out, scratch);
    }
  }
}
