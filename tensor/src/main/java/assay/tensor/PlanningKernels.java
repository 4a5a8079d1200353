package assay.tensor;

/** Fused kernels that do nothing and take no scratch, as the fast CPU kernels take none. */
final class PlanningKernels implements FusedKernels {
  private final Backend backend = new PlanningBackend();

  @Override
  public Backend backend() {
    return backend;
  }

  @Override
  public void softmax(Tensor x, Tensor out, TensorArena scratch) {}

  @Override
  public void softmaxBackward(Tensor y, Tensor dy, Tensor dx, TensorArena scratch) {}

  @Override
  public void rmsNorm(
      Tensor x,
      Tensor weight,
      double weightOffset,
      double epsilon,
      Tensor out,
      Tensor inverseRms,
      TensorArena scratch) {}

  @Override
  public void rmsNormBackward(
      Tensor x,
      Tensor weight,
      double weightOffset,
      Tensor inverseRms,
      Tensor dy,
      Tensor dx,
      Tensor dWeight,
      TensorArena scratch) {}

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
      TensorArena scratch) {}

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
      TensorArena scratch) {}

  @Override
  public void rope(
      Tensor x,
      Tensor cos,
      Tensor sin,
      int headDim,
      boolean inverse,
      Tensor out,
      TensorArena scratch) {}

  @Override
  public void gatedActivation(
      ActivationKind kind, Tensor gate, Tensor up, Tensor out, TensorArena scratch) {}

  @Override
  public void gatedActivationBackward(
      ActivationKind kind,
      Tensor gate,
      Tensor up,
      Tensor dy,
      Tensor dGate,
      Tensor dUp,
      TensorArena scratch) {}

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
      TensorArena scratch) {}

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
      TensorArena scratch) {}

  @Override
  public void adamW(
      AdamWStep step, Tensor weight, Tensor gradient, Tensor m, Tensor v, TensorArena scratch) {}

  @Override
  public void adamWSplit(
      AdamWStep step,
      Tensor high,
      Tensor low,
      Tensor gradient,
      Tensor m,
      Tensor v,
      TensorArena scratch) {}

  @Override
  public void joinWeights(Tensor high, Tensor low, Tensor weight) {}

  @Override
  public void splitWeights(Tensor weight, Tensor high, Tensor low) {}

  @Override
  public void sumsOfSquares(Tensor x, Tensor out, TensorArena scratch) {}

  @Override
  public void binaryScalar(
      BinaryKind kind, Tensor x, double value, Tensor out, TensorArena scratch) {}
}
