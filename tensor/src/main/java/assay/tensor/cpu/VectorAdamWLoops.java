package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.SQRT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** AdamW on the Vector API. */
final class VectorAdamWLoops implements AdamWLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private final PlainAdamWLoops rest = new PlainAdamWLoops();

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, LITTLE_ENDIAN);
  }

  @Override
  public void step(Numbers n, long weight, long gradient, long m, long v, long count) {
    long end = 4 * SPECIES.loopBound(count);
    for (long i = 0; i < end; i += SPECIES.vectorByteSize()) {
      FloatVector g = load(gradient + i).mul(n.gradientScale());
      FloatVector newM = load(m + i).mul(n.beta1()).add(g.mul(n.oneLessBeta1()));
      FloatVector newV = load(v + i).mul(n.beta2()).add(g.mul(g).mul(n.oneLessBeta2()));
      FloatVector denominator = newV.lanewise(SQRT).div(n.correction2()).add(n.epsilon());
      FloatVector newWeight =
          load(weight + i).mul(n.decay()).sub(newM.div(denominator).mul(n.stepSize()));
      newM.intoMemorySegment(ALL, m + i, LITTLE_ENDIAN);
      newV.intoMemorySegment(ALL, v + i, LITTLE_ENDIAN);
      newWeight.intoMemorySegment(ALL, weight + i, LITTLE_ENDIAN);
    }
    rest.step(n, weight + end, gradient + end, m + end, v + end, count - end / 4);
  }
}
