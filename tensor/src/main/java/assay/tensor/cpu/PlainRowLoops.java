package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.getFloat;
import static assay.tensor.cpu.Memory.setFloat;

import assay.tensor.ActivationKind;

/** Row loops without the Vector API; also the end of a run that is shorter than a vector. */
final class PlainRowLoops implements RowLoops {
  /** {@code sqrt(2 / pi)}. */
  static final float GELU_SCALE = 0.7978846f;

  static final float GELU_CUBIC = 0.044715f;

  @Override
  public double sumOfSquares(long x, long count) {
    double[] sums = new double[ElementLoops.NUM_SUMS];
    for (long i = 0; i < count; i++) {
      double value = getFloat(x + 4 * i);
      sums[(int) (i % ElementLoops.NUM_SUMS)] += value * value;
    }
    return ElementLoops.addHalves(sums);
  }

  @Override
  public double weightedDot(long dy, long weight, float offset, long x, int count) {
    double[] sums = new double[ElementLoops.NUM_SUMS];
    for (int i = 0; i < count; i++) {
      float g = getFloat(dy + 4L * i) * (getFloat(weight + 4L * i) + offset);
      sums[i % ElementLoops.NUM_SUMS] += g * getFloat(x + 4L * i);
    }
    return ElementLoops.addHalves(sums);
  }

  @Override
  public void rmsNorm(long x, float r, long weight, float offset, long y, int count) {
    for (long i = 0; i < 4L * count; i += 4) {
      setFloat(y + i, getFloat(x + i) * r * (getFloat(weight + i) + offset));
    }
  }

  @Override
  public void rmsNormBackward(
      long dy, long weight, float offset, float r, long x, float factor, long dx, int count) {
    for (long i = 0; i < 4L * count; i += 4) {
      float g = getFloat(dy + i) * (getFloat(weight + i) + offset);
      setFloat(dx + i, g * r - getFloat(x + i) * factor);
    }
  }

  @Override
  public void addNormed(long dy, long x, float r, long sums, int count) {
    for (long i = 0; i < 4L * count; i += 4) {
      setFloat(sums + i, getFloat(sums + i) + getFloat(dy + i) * (getFloat(x + i) * r));
    }
  }

  @Override
  public void rotate(long x, long cos, long sin, float sign, long out, int half) {
    long other = 4L * half;
    for (long i = 0; i < other; i += 4) {
      float c = getFloat(cos + i);
      float s = getFloat(sin + i) * sign;
      float first = getFloat(x + i);
      float second = getFloat(x + other + i);
      setFloat(out + i, first * c - second * s);
      setFloat(out + other + i, second * c + first * s);
    }
  }

  @Override
  public void gated(ActivationKind kind, long gate, long up, long out, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float g = getFloat(gate + i);
      float value =
          switch (kind) {
            case SILU -> g * FloatMath.sigmoid(g);
            case GELU_TANH -> 0.5f * g * (1 + FloatMath.tanh(geluInner(g)));
          };
      setFloat(out + i, value * getFloat(up + i));
    }
  }

  @Override
  public void gatedBackward(
      ActivationKind kind, long gate, long up, long dy, long dGate, long dUp, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float g = getFloat(gate + i);
      float gradient = getFloat(dy + i);
      float value;
      float slope;
      switch (kind) {
        case SILU -> {
          float s = FloatMath.sigmoid(g);
          value = g * s;
          slope = s + value * (1 - s);
        }
        case GELU_TANH -> {
          float t = FloatMath.tanh(geluInner(g));
          float inner = GELU_SCALE * (1 + 3 * GELU_CUBIC * (g * g));
          value = 0.5f * g * (1 + t);
          slope = 0.5f * (1 + t) + 0.5f * g * (1 - t * t) * inner;
        }
        default -> throw new AssertionError(kind);
      }
      setFloat(dUp + i, gradient * value);
      setFloat(dGate + i, gradient * getFloat(up + i) * slope);
    }
  }

  private static float geluInner(float g) {
    return GELU_SCALE * (g + GELU_CUBIC * (g * g * g));
  }

  @Override
  public void adamW(AdamWNumbers n, long weight, long gradient, long m, long v, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float g = getFloat(gradient + i) * n.gradientScale();
      float mean = getFloat(m + i) * n.beta1() + g * n.oneLessBeta1();
      float square = getFloat(v + i) * n.beta2() + g * g * n.oneLessBeta2();
      float root = (float) Math.sqrt(square) * n.inverseCorrection() + n.epsilon();
      setFloat(m + i, mean);
      setFloat(v + i, square);
      setFloat(weight + i, getFloat(weight + i) * n.decay() - n.rate() * (mean / root));
    }
  }
}
