package assay.tensor.cpu;

import assay.tensor.ActivationKind;

/**
 * The innermost loops of the fused kernels, over runs of F32 elements at addresses. Every
 * implementation gives the same bits: sums are carried in F64, in {@link ElementLoops#NUM_SUMS}
 * parts that are added by {@link ElementLoops#addHalves}.
 */
interface RowLoops {
  /** The sum of {@code x[i]^2}. */
  double sumOfSquares(long x, long count);

  /** The sum of {@code dy[i] (weight[i] + offset) x[i]}, the factors multiplied in F32. */
  double weightedDot(long dy, long weight, float offset, long x, int count);

  /** {@code y[i] = x[i] r (weight[i] + offset)}. */
  void rmsNorm(long x, float r, long weight, float offset, long y, int count);

  /** {@code dx[i] = r dy[i] (weight[i] + offset) - x[i] factor}. */
  void rmsNormBackward(
      long dy, long weight, float offset, float r, long x, float factor, long dx, int count);

  /** {@code sums[i] += dy[i] (x[i] r)}. */
  void addNormed(long dy, long x, float r, long sums, int count);

  /** Rotates {@code (x1, x2)}, half elements each, by the angles' cos and {@code sign * sin}. */
  void rotate(long x, long cos, long sin, float sign, long out, int half);

  /** {@code out = activation(gate) up}. */
  void gated(ActivationKind kind, long gate, long up, long out, long count);

  /** {@code dGate = dy up activation'(gate)} and {@code dUp = dy activation(gate)}. */
  void gatedBackward(
      ActivationKind kind, long gate, long up, long dy, long dGate, long dUp, long count);

  /**
   * The numbers of an AdamW step as the loop needs them.
   *
   * @param decay {@code 1 - lr * weightDecay}
   * @param rate {@code lr / (1 - beta1^t)}
   * @param inverseCorrection {@code 1 / sqrt(1 - beta2^t)}
   */
  record AdamWNumbers(
      float gradientScale,
      float decay,
      float beta1,
      float oneLessBeta1,
      float beta2,
      float oneLessBeta2,
      float rate,
      float inverseCorrection,
      float epsilon) {}

  void adamW(AdamWNumbers numbers, long weight, long gradient, long m, long v, long count);
}
