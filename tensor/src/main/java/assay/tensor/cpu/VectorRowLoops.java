package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.F2D;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Row loops on the Vector API; the end of a run goes to {@link PlainRowLoops}. */
final class VectorRowLoops implements RowLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final long BYTES = 4L * LANES;
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final int NUM_SUMS = ElementLoops.NUM_SUMS;

  private final PlainRowLoops rest = new PlainRowLoops();

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, LITTLE_ENDIAN);
  }

  private static void store(FloatVector values, long address) {
    values.intoMemorySegment(ALL, address, LITTLE_ENDIAN);
  }

  @Override
  public double sumOfSquares(long x, long count) {
    double[] sums = new double[NUM_SUMS];
    long whole = count / NUM_SUMS * NUM_SUMS;
    for (int part = 0; part < NUM_SUMS; part += LANES) {
      DoubleVector low = DoubleVector.zero(DOUBLES);
      DoubleVector high = DoubleVector.zero(DOUBLES);
      for (long i = part; i < whole; i += NUM_SUMS) {
        FloatVector values = load(x + 4 * i);
        DoubleVector first = (DoubleVector) values.convert(F2D, 0);
        DoubleVector second = (DoubleVector) values.convert(F2D, 1);
        low = low.add(first.mul(first));
        high = high.add(second.mul(second));
      }
      low.intoArray(sums, part);
      high.intoArray(sums, part + LANES / 2);
    }
    for (long i = whole; i < count; i++) {
      double value = Memory.getFloat(x + 4 * i);
      sums[(int) (i - whole)] += value * value;
    }
    return ElementLoops.addHalves(sums);
  }

  @Override
  public double weightedDot(long dy, long weight, float offset, long x, int count) {
    double[] sums = new double[NUM_SUMS];
    int whole = count / NUM_SUMS * NUM_SUMS;
    for (int part = 0; part < NUM_SUMS; part += LANES) {
      DoubleVector low = DoubleVector.zero(DOUBLES);
      DoubleVector high = DoubleVector.zero(DOUBLES);
      for (long i = 4L * part; i < 4L * whole; i += 4L * NUM_SUMS) {
        FloatVector g = load(dy + i).mul(load(weight + i).add(offset)).mul(load(x + i));
        low = low.add(g.convert(F2D, 0));
        high = high.add(g.convert(F2D, 1));
      }
      low.intoArray(sums, part);
      high.intoArray(sums, part + LANES / 2);
    }
    for (int i = whole; i < count; i++) {
      float g = Memory.getFloat(dy + 4L * i) * (Memory.getFloat(weight + 4L * i) + offset);
      sums[i - whole] += g * Memory.getFloat(x + 4L * i);
    }
    return ElementLoops.addHalves(sums);
  }

  @Override
  public void rmsNorm(long x, float r, long weight, float offset, long y, int count) {
    int whole = SPECIES.loopBound(count);
    long i = 0;
    for (; i < 4L * whole; i += BYTES) {
      store(load(x + i).mul(r).mul(load(weight + i).add(offset)), y + i);
    }
    rest.rmsNorm(x + i, r, weight + i, offset, y + i, count - whole);
  }

  @Override
  public void rmsNormBackward(
      long dy, long weight, float offset, float r, long x, float factor, long dx, int count) {
    int whole = SPECIES.loopBound(count);
    long i = 0;
    for (; i < 4L * whole; i += BYTES) {
      FloatVector g = load(dy + i).mul(load(weight + i).add(offset));
      store(g.mul(r).sub(load(x + i).mul(factor)), dx + i);
    }
    rest.rmsNormBackward(dy + i, weight + i, offset, r, x + i, factor, dx + i, count - whole);
  }

  @Override
  public void addNormed(long dy, long x, float r, long sums, int count) {
    int whole = SPECIES.loopBound(count);
    long i = 0;
    for (; i < 4L * whole; i += BYTES) {
      store(load(sums + i).add(load(dy + i).mul(load(x + i).mul(r))), sums + i);
    }
    rest.addNormed(dy + i, x + i, r, sums + i, count - whole);
  }

  @Override
  public void rotate(long x, long cos, long sin, float sign, long out, int half) {
    int whole = SPECIES.loopBound(half);
    long other = 4L * half;
    for (long i = 0; i < 4L * whole; i += BYTES) {
      FloatVector c = load(cos + i);
      FloatVector s = load(sin + i).mul(sign);
      FloatVector first = load(x + i);
      FloatVector second = load(x + other + i);
      store(first.mul(c).sub(second.mul(s)), out + i);
      store(second.mul(c).add(first.mul(s)), out + other + i);
    }
    for (long i = 4L * whole; i < other; i += 4) {
      float c = Memory.getFloat(cos + i);
      float s = Memory.getFloat(sin + i) * sign;
      float first = Memory.getFloat(x + i);
      float second = Memory.getFloat(x + other + i);
      Memory.setFloat(out + i, first * c - second * s);
      Memory.setFloat(out + other + i, second * c + first * s);
    }
  }

  @Override
  public double expAndSum(long x, float shift, long out, int count) {
    double[] sums = new double[NUM_SUMS];
    int whole = count / NUM_SUMS * NUM_SUMS;
    for (int part = 0; part < NUM_SUMS; part += LANES) {
      DoubleVector low = DoubleVector.zero(DOUBLES);
      DoubleVector high = DoubleVector.zero(DOUBLES);
      for (long i = 4L * part; i < 4L * whole; i += 4L * NUM_SUMS) {
        FloatVector value = VectorMath.exp(load(x + i).sub(shift));
        store(value, out + i);
        low = low.add(value.convert(F2D, 0));
        high = high.add(value.convert(F2D, 1));
      }
      low.intoArray(sums, part);
      high.intoArray(sums, part + LANES / 2);
    }
    PlainRowLoops.expAndSumFrom(whole, sums, x, shift, out, count);
    return ElementLoops.addHalves(sums);
  }

  @Override
  public void scale(long x, float factor, long out, int count) {
    int whole = SPECIES.loopBound(count);
    long i = 0;
    for (; i < 4L * whole; i += BYTES) {
      store(load(x + i).mul(factor), out + i);
    }
    rest.scale(x + i, factor, out + i, count - whole);
  }

  @Override
  public double dot(long x, long y, int count) {
    double[] sums = new double[NUM_SUMS];
    int whole = count / NUM_SUMS * NUM_SUMS;
    for (int part = 0; part < NUM_SUMS; part += LANES) {
      DoubleVector low = DoubleVector.zero(DOUBLES);
      DoubleVector high = DoubleVector.zero(DOUBLES);
      for (long i = 4L * part; i < 4L * whole; i += 4L * NUM_SUMS) {
        FloatVector product = load(x + i).mul(load(y + i));
        low = low.add(product.convert(F2D, 0));
        high = high.add(product.convert(F2D, 1));
      }
      low.intoArray(sums, part);
      high.intoArray(sums, part + LANES / 2);
    }
    for (int i = whole; i < count; i++) {
      sums[i - whole] += Memory.getFloat(x + 4L * i) * Memory.getFloat(y + 4L * i);
    }
    return ElementLoops.addHalves(sums);
  }

  @Override
  public void softmaxGradient(long y, long dy, float dot, long dx, int count) {
    int whole = SPECIES.loopBound(count);
    long i = 0;
    for (; i < 4L * whole; i += BYTES) {
      store(load(dy + i).sub(dot).mul(load(y + i)), dx + i);
    }
    rest.softmaxGradient(y + i, dy + i, dot, dx + i, count - whole);
  }
}
