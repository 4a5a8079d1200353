package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.F2D;

import assay.tensor.ActivationKind;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
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
  public void gated(ActivationKind kind, long gate, long up, long out, long count) {
    long whole = SPECIES.loopBound(count);
    switch (kind) {
      case SILU -> {
        for (long i = 0; i < 4 * whole; i += BYTES) {
          FloatVector g = load(gate + i);
          store(g.mul(VectorMath.sigmoid(g)).mul(load(up + i)), out + i);
        }
      }
      case GELU_TANH -> {
        for (long i = 0; i < 4 * whole; i += BYTES) {
          FloatVector g = load(gate + i);
          FloatVector value = g.mul(0.5f).mul(VectorMath.tanh(geluInner(g)).add(1));
          store(value.mul(load(up + i)), out + i);
        }
      }
    }
    long end = 4 * whole;
    rest.gated(kind, gate + end, up + end, out + end, count - whole);
  }

  @Override
  public void gatedBackward(
      ActivationKind kind, long gate, long up, long dy, long dGate, long dUp, long count) {
    long whole = SPECIES.loopBound(count);
    switch (kind) {
      case SILU -> siluBackward(gate, up, dy, dGate, dUp, whole);
      case GELU_TANH -> geluBackward(gate, up, dy, dGate, dUp, whole);
    }
    long end = 4 * whole;
    rest.gatedBackward(kind, gate + end, up + end, dy + end, dGate + end, dUp + end, count - whole);
  }

  private static void siluBackward(long gate, long up, long dy, long dGate, long dUp, long whole) {
    for (long i = 0; i < 4 * whole; i += BYTES) {
      FloatVector g = load(gate + i);
      FloatVector gradient = load(dy + i);
      FloatVector s = VectorMath.sigmoid(g);
      FloatVector value = g.mul(s);
      FloatVector slope = s.add(value.mul(s.neg().add(1)));
      FloatVector upGradient = gradient.mul(load(up + i)).mul(slope);
      store(gradient.mul(value), dUp + i);
      store(upGradient, dGate + i);
    }
  }

  private static void geluBackward(long gate, long up, long dy, long dGate, long dUp, long whole) {
    for (long i = 0; i < 4 * whole; i += BYTES) {
      FloatVector g = load(gate + i);
      FloatVector gradient = load(dy + i);
      FloatVector t = VectorMath.tanh(geluInner(g));
      FloatVector inner =
          g.mul(g).mul(3 * PlainRowLoops.GELU_CUBIC).add(1).mul(PlainRowLoops.GELU_SCALE);
      FloatVector half = t.add(1).mul(0.5f);
      FloatVector value = g.mul(0.5f).mul(t.add(1));
      FloatVector slope = half.add(g.mul(0.5f).mul(t.mul(t).neg().add(1)).mul(inner));
      FloatVector upGradient = gradient.mul(load(up + i)).mul(slope);
      store(gradient.mul(value), dUp + i);
      store(upGradient, dGate + i);
    }
  }

  private static FloatVector geluInner(FloatVector g) {
    FloatVector cubic = g.mul(g).mul(g).mul(PlainRowLoops.GELU_CUBIC);
    return g.add(cubic).mul(PlainRowLoops.GELU_SCALE);
  }

  @Override
  public void adamW(AdamWNumbers n, long weight, long gradient, long m, long v, long count) {
    long whole = SPECIES.loopBound(count);
    long i = 0;
    for (; i < 4 * whole; i += BYTES) {
      FloatVector g = load(gradient + i).mul(n.gradientScale());
      FloatVector mean = load(m + i).mul(n.beta1()).add(g.mul(n.oneLessBeta1()));
      FloatVector square = load(v + i).mul(n.beta2()).add(g.mul(g).mul(n.oneLessBeta2()));
      FloatVector root =
          square.lanewise(VectorOperators.SQRT).mul(n.inverseCorrection()).add(n.epsilon());
      store(mean, m + i);
      store(square, v + i);
      store(load(weight + i).mul(n.decay()).sub(mean.div(root).mul(n.rate())), weight + i);
    }
    rest.adamW(n, weight + i, gradient + i, m + i, v + i, count - whole);
  }
}
