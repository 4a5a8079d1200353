package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.getFloat;
import static assay.tensor.cpu.Memory.setFloat;

/** Row loops without the Vector API; also the end of a run that is shorter than a vector. */
final class PlainRowLoops implements RowLoops {
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
  public double expAndSum(long x, float shift, long out, int count) {
    double[] sums = new double[ElementLoops.NUM_SUMS];
    expAndSumFrom(0, sums, x, shift, out, count);
    return ElementLoops.addHalves(sums);
  }

  /** From element {@code first} on; for the vector loop too. */
  static void expAndSumFrom(int first, double[] sums, long x, float shift, long out, int count) {
    for (int i = first; i < count; i++) {
      float value = FloatMath.exp(getFloat(x + 4L * i) - shift);
      setFloat(out + 4L * i, value);
      sums[i % ElementLoops.NUM_SUMS] += value;
    }
  }

  @Override
  public void scale(long x, float factor, long out, int count) {
    for (long i = 0; i < 4L * count; i += 4) {
      setFloat(out + i, getFloat(x + i) * factor);
    }
  }

  @Override
  public double dot(long x, long y, int count) {
    double[] sums = new double[ElementLoops.NUM_SUMS];
    for (int i = 0; i < count; i++) {
      sums[i % ElementLoops.NUM_SUMS] += getFloat(x + 4L * i) * getFloat(y + 4L * i);
    }
    return ElementLoops.addHalves(sums);
  }

  @Override
  public void softmaxGradient(long y, long dy, float dot, long dx, int count) {
    for (long i = 0; i < 4L * count; i += 4) {
      setFloat(dx + i, (getFloat(dy + i) - dot) * getFloat(y + i));
    }
  }
}
