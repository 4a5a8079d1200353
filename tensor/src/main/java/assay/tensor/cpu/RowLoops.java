package assay.tensor.cpu;

/**
 * The innermost loops of the row kernels, over runs of F32 elements at addresses. Every
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

  /** {@code out = exp(x - shift)}; returns the sum. */
  double expAndSum(long x, float shift, long out, int count);

  /** {@code out = x factor}. */
  void scale(long x, float factor, long out, int count);

  /** The sum of {@code x[i] y[i]}, the factors multiplied in F32. */
  double dot(long x, long y, int count);

  /** {@code dx[i] = (dy[i] - dot) y[i]}. */
  void softmaxGradient(long y, long dy, float dot, long dx, int count);
}
