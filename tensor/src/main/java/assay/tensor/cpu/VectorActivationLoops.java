package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static assay.tensor.cpu.PlainActivationLoops.CUBIC;
import static assay.tensor.cpu.PlainActivationLoops.SQRT_2_OVER_PI;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Activation loops on the Vector API: line by line those of {@link PlainActivationLoops}. */
final class VectorActivationLoops implements ActivationLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final long BYTES = 4L * SPECIES.length();

  private final PlainActivationLoops rest = new PlainActivationLoops();

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, LITTLE_ENDIAN);
  }

  private static void store(FloatVector values, long address) {
    values.intoMemorySegment(ALL, address, LITTLE_ENDIAN);
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  private static long wholeBytes(long count) {
    return 4 * SPECIES.loopBound(count);
  }

  @Override
  public void silu(long gate, long up, long out, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector x = load(gate + i);
      store(x.mul(VectorMath.sigmoid(x)).mul(load(up + i)), out + i);
    }
    rest.silu(gate + end, up + end, out + end, count - end / 4);
  }

  @Override
  public void siluGradient(long gate, long up, long dy, long dGate, long dUp, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector x = load(gate + i);
      FloatVector s = VectorMath.sigmoid(x);
      FloatVector f = x.mul(s);
      FloatVector slope = f.fma(splat(1).sub(s), s);
      FloatVector gradient = load(dy + i);
      FloatVector ups = load(up + i);
      store(slope.mul(ups).mul(gradient), dGate + i);
      store(f.mul(gradient), dUp + i);
    }
    rest.siluGradient(gate + end, up + end, dy + end, dGate + end, dUp + end, count - end / 4);
  }

  @Override
  public void gelu(long gate, long up, long out, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector x = load(gate + i);
      FloatVector t = VectorMath.tanh(x.mul(x).mul(CUBIC).add(1).mul(x).mul(SQRT_2_OVER_PI));
      store(t.add(1).mul(0.5f).mul(x).mul(load(up + i)), out + i);
    }
    rest.gelu(gate + end, up + end, out + end, count - end / 4);
  }

  @Override
  public void geluGradient(long gate, long up, long dy, long dGate, long dUp, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector x = load(gate + i);
      FloatVector cubic = x.mul(x).mul(CUBIC);
      FloatVector t = VectorMath.tanh(cubic.add(1).mul(x).mul(SQRT_2_OVER_PI));
      FloatVector h = t.add(1).mul(0.5f);
      FloatVector innerSlope = cubic.fma(splat(3), splat(1)).mul(SQRT_2_OVER_PI);
      FloatVector slope = splat(1).sub(t.mul(t)).mul(innerSlope).fma(x.mul(0.5f), h);
      FloatVector gradient = load(dy + i);
      FloatVector ups = load(up + i);
      store(slope.mul(ups).mul(gradient), dGate + i);
      store(h.mul(x).mul(gradient), dUp + i);
    }
    rest.geluGradient(gate + end, up + end, dy + end, dGate + end, dUp + end, count - end / 4);
  }
}
