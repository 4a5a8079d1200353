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

  private static long wholeBytes(long count) {
    return 4 * SPECIES.loopBound(count);
  }

  @Override
  public void silu(long gate, long s, long up, long out, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      store(load(gate + i).mul(load(s + i)).mul(load(up + i)), out + i);
    }
    rest.silu(gate + end, s + end, up + end, out + end, count - end / 4);
  }

  @Override
  public void siluGradient(long gate, long s, long up, long dy, long dGate, long dUp, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector sigmoid = load(s + i);
      FloatVector f = load(gate + i).mul(sigmoid);
      FloatVector slope = f.fma(sigmoid.neg().add(1), sigmoid);
      FloatVector gradient = load(dy + i);
      store(slope.mul(load(up + i)).mul(gradient), dGate + i);
      store(f.mul(gradient), dUp + i);
    }
    rest.siluGradient(
        gate + end, s + end, up + end, dy + end, dGate + end, dUp + end, count - end / 4);
  }

  @Override
  public void geluInner(long gate, long inner, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector x = load(gate + i);
      store(x.mul(x).mul(CUBIC).add(1).mul(x).mul(SQRT_2_OVER_PI), inner + i);
    }
    rest.geluInner(gate + end, inner + end, count - end / 4);
  }

  @Override
  public void gelu(long gate, long t, long up, long out, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector h = load(t + i).add(1).mul(0.5f);
      store(h.mul(load(gate + i)).mul(load(up + i)), out + i);
    }
    rest.gelu(gate + end, t + end, up + end, out + end, count - end / 4);
  }

  @Override
  public void geluGradient(long gate, long t, long up, long dy, long dGate, long dUp, long count) {
    long end = wholeBytes(count);
    for (long i = 0; i < end; i += BYTES) {
      FloatVector x = load(gate + i);
      FloatVector tanh = load(t + i);
      FloatVector h = tanh.add(1).mul(0.5f);
      FloatVector innerSlope = x.mul(x).mul(3 * CUBIC).add(1).mul(SQRT_2_OVER_PI);
      FloatVector slope = tanh.mul(tanh).neg().add(1).mul(innerSlope).fma(x.mul(0.5f), h);
      FloatVector gradient = load(dy + i);
      store(slope.mul(load(up + i)).mul(gradient), dGate + i);
      store(h.mul(x).mul(gradient), dUp + i);
    }
    rest.geluGradient(
        gate + end, t + end, up + end, dy + end, dGate + end, dUp + end, count - end / 4);
  }
}
