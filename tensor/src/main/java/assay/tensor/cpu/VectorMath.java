package assay.tensor.cpu;

import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NEG;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** {@link FloatMath} on vectors: line by line the same operations, so the same bits. */
final class VectorMath {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  private VectorMath() {}

  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.blend(FloatMath.EXP_LOWEST, x.compare(LT, FloatMath.EXP_LOWEST));
    clamped = clamped.blend(FloatMath.EXP_HIGHEST, clamped.compare(GT, FloatMath.EXP_HIGHEST));
    FloatVector rounded = clamped.fma(splat(FloatMath.LOG2_E), splat(FloatMath.ROUNDER));
    FloatVector n = rounded.sub(FloatMath.ROUNDER);
    FloatVector r = n.fma(splat(-FloatMath.LN_2), clamped);
    r = n.fma(splat(-FloatMath.LN_2_REST), r);
    FloatVector q = r.fma(splat(FloatMath.E4), splat(FloatMath.E3));
    q = r.fma(q, splat(FloatMath.E2));
    q = r.fma(q, splat(FloatMath.E1));
    q = r.fma(q, splat(FloatMath.E0));
    FloatVector p = r.mul(r).fma(q, r).add(1);
    IntVector exponent = rounded.reinterpretAsInts().sub(FloatMath.ROUNDER_BITS);
    IntVector half = exponent.lanewise(ASHR, 1);
    return p.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector exponent) {
    return exponent.add(127).lanewise(LSHL, 23).reinterpretAsFloats();
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector size = x.lanewise(ABS);
    FloatVector z = x.mul(x);
    FloatVector q = z.fma(splat(FloatMath.T4), splat(FloatMath.T3));
    q = z.fma(q, splat(FloatMath.T2));
    q = z.fma(q, splat(FloatMath.T1));
    q = z.fma(q, splat(FloatMath.T0));
    FloatVector small = x.mul(z).fma(q, x);
    FloatVector value = splat(1).sub(splat(2).div(exp(size.mul(2)).add(1)));
    FloatVector large = value.blend(value.lanewise(NEG), x.compare(LT, 0));
    return large.blend(small, size.compare(LT, FloatMath.TANH_SMALL));
  }

  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.lanewise(ABS).lanewise(NEG));
    return splat(1).blend(e, x.compare(LT, 0)).div(e.add(1));
  }

  static FloatVector logSigmoid(FloatVector x) {
    FloatVector e = exp(x.lanewise(ABS).lanewise(NEG));
    VectorMask<Float> halve = e.compare(GT, FloatMath.SQRT_2_LESS_1);
    FloatVector f = e.blend(e.sub(1).mul(0.5f), halve);
    FloatVector log = logOfOnePlus(f, FloatVector.zero(SPECIES).blend(1, halve));
    return FloatVector.zero(SPECIES).blend(x, x.compare(LT, 0)).sub(log);
  }

  static FloatVector log(FloatVector x) {
    VectorMask<Float> subnormal = x.compare(LT, FloatMath.SMALLEST_NORMAL);
    FloatVector scaled = x.blend(x.mul(FloatMath.TWO_TO_23), subnormal);
    IntVector bits = scaled.reinterpretAsInts().sub(FloatMath.SQRT_HALF_BITS);
    FloatVector n =
        ((FloatVector) bits.lanewise(ASHR, 23).convert(I2F, 0))
            .sub(FloatVector.zero(SPECIES).blend(23, subnormal));
    FloatVector m =
        bits.and(FloatMath.MANTISSA_MASK).add(FloatMath.SQRT_HALF_BITS).reinterpretAsFloats();
    FloatVector result = logOfOnePlus(m.sub(1), n);
    result = x.blend(result, x.compare(LT, Float.POSITIVE_INFINITY));
    result = result.blend(Float.NEGATIVE_INFINITY, x.compare(EQ, 0));
    return result.blend(Float.NaN, x.compare(LT, 0));
  }

  private static FloatVector logOfOnePlus(FloatVector f, FloatVector n) {
    FloatVector s = f.div(f.add(2));
    FloatVector z = s.mul(s);
    FloatVector q = z.fma(splat(FloatMath.L3), splat(FloatMath.L2));
    q = z.fma(q, splat(FloatMath.L1));
    q = z.fma(q, splat(FloatMath.L0));
    FloatVector halfSquare = f.mul(0.5f).mul(f);
    FloatVector tail = s.fma(z.fma(q, halfSquare), n.mul(FloatMath.LN_2_REST));
    return n.fma(splat(FloatMath.LN_2), f.sub(halfSquare.sub(tail)));
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
