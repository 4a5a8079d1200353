package assay.tensor.cpu;

import assay.tensor.UnaryKind;

/**
 * Exponential functions of one float, from additions, multiplications and fused multiply-adds
 * alone: {@link VectorMath} performs the same operations on whole vectors and so gives the same
 * bits.
 *
 * <p>The relative error is below 2e-7; the spacing of floats is up to 1.2e-7. The polynomials are
 * Chebyshev fits. NaN gives NaN.
 */
final class FloatMath {
  /** The largest relative error; values below the smallest normal float are measured by that. */
  static final double RELATIVE_ERROR = 2e-7;

  static final float LOG2_E = 1.442695f;

  /** ln 2 = LN_2 + LN_2_REST. */
  static final float LN_2 = 0.6931472f;

  static final float LN_2_REST = -1.9046542e-9f;

  /** Below, exp is 0. */
  static final float EXP_LOWEST = -104;

  /** Above, exp is infinite. */
  static final float EXP_HIGHEST = 89;

  /** Adding 1.5 * 2^23 rounds to an integer, which then stands in the lowest bits. */
  static final float ROUNDER = 12_582_912;

  static final int ROUNDER_BITS = 0x4B400000;

  // exp(r) = 1 + r + r^2 (E0 + E1 r + ...) for |r| <= ln 2 / 2
  static final float E0 = 0.5f;
  static final float E1 = 0.16666576f;
  static final float E2 = 0.041666556f;
  static final float E3 = 0.008363179f;
  static final float E4 = 0.0013926184f;

  /** Below, tanh(x) = x + x^3 (T0 + T1 x^2 + ...); above, it is made from exp. */
  static final float TANH_SMALL = 0.625f;

  static final float T0 = -0.33333328f;
  static final float T1 = 0.1333277f;
  static final float T2 = -0.053850908f;
  static final float T3 = 0.02099718f;
  static final float T4 = -0.006096714f;

  // log((1 + s) / (1 - s)) = 2 s + s^3 (L0 + L1 s^2 + ...) for |s| <= 0.1716
  static final float L0 = 0.6666667f;
  static final float L1 = 0.40000123f;
  static final float L2 = 0.28550807f;
  static final float L3 = 0.2333083f;

  static final float SMALLEST_NORMAL = Float.MIN_NORMAL;
  static final float TWO_TO_23 = 8_388_608;
  static final int SQRT_HALF_BITS = 0x3F3504F3;
  static final int MANTISSA_MASK = 0x007FFFFF;
  static final float SQRT_2_LESS_1 = 0.41421357f;

  private FloatMath() {}

  static float apply(UnaryKind kind, float x) {
    return switch (kind) {
      case COPY -> x;
      case NEGATE -> -x;
      case ABSOLUTE -> Math.abs(x);
      case EXP -> exp(x);
      case LOG -> log(x);
      case SQRT -> (float) Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case TANH -> tanh(x);
      case SIGMOID -> sigmoid(x);
      case LOG_SIGMOID -> logSigmoid(x);
    };
  }

  /** With x = n ln 2 + r: exp(x) = 2^n exp(r); 2^n in two steps, for results that are subnormal. */
  static float exp(float x) {
    float clamped = x < EXP_LOWEST ? EXP_LOWEST : x;
    clamped = clamped > EXP_HIGHEST ? EXP_HIGHEST : clamped;
    float rounded = Math.fma(clamped, LOG2_E, ROUNDER);
    float n = rounded - ROUNDER;
    float r = Math.fma(n, -LN_2, clamped);
    r = Math.fma(n, -LN_2_REST, r);
    float q = Math.fma(r, E4, E3);
    q = Math.fma(r, q, E2);
    q = Math.fma(r, q, E1);
    q = Math.fma(r, q, E0);
    float p = Math.fma(r * r, q, r) + 1;
    int exponent = Float.floatToRawIntBits(rounded) - ROUNDER_BITS;
    int half = exponent >> 1;
    return p * powerOfTwo(half) * powerOfTwo(exponent - half);
  }

  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }

  static float tanh(float x) {
    float size = Math.abs(x);
    if (size < TANH_SMALL) {
      float z = x * x;
      float q = Math.fma(z, T4, T3);
      q = Math.fma(z, q, T2);
      q = Math.fma(z, q, T1);
      q = Math.fma(z, q, T0);
      return Math.fma(x * z, q, x);
    }
    float value = 1 - 2 / (exp(2 * size) + 1);
    return x < 0 ? -value : value;
  }

  /** 1 / (1 + exp(-x)), from exp(-|x|) so that it is exact to the last bits on both sides. */
  static float sigmoid(float x) {
    float e = exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  /** log(sigmoid(x)) = min(x, 0) - log(1 + exp(-|x|)). */
  static float logSigmoid(float x) {
    float e = exp(-Math.abs(x));
    boolean halve = e > SQRT_2_LESS_1; // 1 + e = 2 (1 + (e - 1) / 2)
    float log = logOfOnePlus(halve ? 0.5f * (e - 1) : e, halve ? 1 : 0);
    return (x < 0 ? x : 0) - log;
  }

  /** x = 2^n m with m between sqrt(1/2) and sqrt(2). */
  static float log(float x) {
    boolean subnormal = x < SMALLEST_NORMAL;
    int bits = Float.floatToRawIntBits(subnormal ? x * TWO_TO_23 : x) - SQRT_HALF_BITS;
    float n = (bits >> 23) - (subnormal ? 23f : 0f);
    float m = Float.intBitsToFloat((bits & MANTISSA_MASK) + SQRT_HALF_BITS);
    float result = logOfOnePlus(m - 1, n);
    result = x < Float.POSITIVE_INFINITY ? result : x; // infinity and NaN
    result = x == 0 ? Float.NEGATIVE_INFINITY : result;
    return x < 0 ? Float.NaN : result;
  }

  /** log(2^n (1 + f)), with s = f / (2 + f). */
  private static float logOfOnePlus(float f, float n) {
    float s = f / (2 + f);
    float z = s * s;
    float q = Math.fma(z, L3, L2);
    q = Math.fma(z, q, L1);
    q = Math.fma(z, q, L0);
    float halfSquare = 0.5f * f * f;
    float tail = Math.fma(s, Math.fma(z, q, halfSquare), n * LN_2_REST);
    return Math.fma(n, LN_2, f - (halfSquare - tail));
  }
}
