package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import assay.tensor.BinaryKind;
import assay.tensor.UnaryKind;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Element loops on the Vector API. Each kind has a loop of its own: an operation passed as a
 * variable is not compiled to an instruction. What is left at the end of a run, shorter than a
 * vector, is computed one by one.
 */
final class VectorElementLoops implements ElementLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final long BYTES = 4L * LANES;

  /** As many doubles as a vector holds, and as many floats: half a vector. */
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Float> HALF = halfOf(float.class);
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Short> SHORTS = halfOf(short.class);

  private static <E> VectorSpecies<E> halfOf(Class<E> elementType) {
    return VectorSpecies.of(elementType, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));
  }

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, LITTLE_ENDIAN);
  }

  @Override
  public void fill(float value, long to, long count) {
    FloatVector values = FloatVector.broadcast(SPECIES, value);
    long whole = SPECIES.loopBound(count);
    for (long i = 0; i < 4 * whole; i += BYTES) {
      values.intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
    for (long i = whole; i < count; i++) {
      Memory.setFloat(to + 4 * i, value);
    }
  }

  @Override
  public void unary(UnaryKind kind, long from, long to, long count) {
    long whole = SPECIES.loopBound(count);
    long bytes = 4 * whole;
    switch (kind) {
      case COPY -> Memory.copy(from, to, bytes);
      case NEGATE -> negate(from, to, bytes);
      case ABSOLUTE -> absolute(from, to, bytes);
      case EXP -> exp(from, to, bytes);
      case LOG -> log(from, to, bytes);
      case SQRT -> sqrt(from, to, bytes);
      case RECIPROCAL -> reciprocal(from, to, bytes);
      case TANH -> tanh(from, to, bytes);
      case SIGMOID -> sigmoid(from, to, bytes);
      case LOG_SIGMOID -> logSigmoid(from, to, bytes);
    }
    for (long i = bytes; i < 4 * count; i += 4) {
      Memory.setFloat(to + i, FloatMath.apply(kind, Memory.getFloat(from + i)));
    }
  }

  private static void negate(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(from + i).lanewise(VectorOperators.NEG).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void absolute(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(from + i).lanewise(VectorOperators.ABS).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void exp(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMath.exp(load(from + i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void log(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMath.log(load(from + i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void sqrt(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(from + i).lanewise(VectorOperators.SQRT).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void reciprocal(long from, long to, long bytes) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1);
    for (long i = 0; i < bytes; i += BYTES) {
      one.div(load(from + i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void tanh(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMath.tanh(load(from + i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void sigmoid(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMath.sigmoid(load(from + i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void logSigmoid(long from, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMath.logSigmoid(load(from + i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  @Override
  public void binary(
      BinaryKind kind, long left, long right, boolean rightIsLine, long to, long count) {
    long whole = SPECIES.loopBound(count);
    long bytes = 4 * whole;
    long step = rightIsLine ? 0 : 1; // right is read at right + step * i
    switch (kind) {
      case ADD -> add(left, right, step, to, bytes);
      case SUBTRACT -> subtract(left, right, step, to, bytes);
      case MULTIPLY -> multiply(left, right, step, to, bytes);
      case DIVIDE -> divide(left, right, step, to, bytes);
      case MAXIMUM -> maximum(left, right, step, to, bytes);
      case LESS -> less(left, right, step, to, bytes);
      case LESS_EQUAL -> lessEqual(left, right, step, to, bytes);
      case EQUAL -> equal(left, right, step, to, bytes);
    }
    for (long i = bytes; i < 4 * count; i += 4) {
      double b = Memory.getFloat(right + step * i);
      double value = ReferenceBackend.apply(kind, Memory.getFloat(left + i), b);
      Memory.setFloat(to + i, (float) value);
    }
  }

  private static void add(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(left + i).add(load(right + step * i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void subtract(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(left + i).sub(load(right + step * i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void multiply(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(left + i).mul(load(right + step * i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void divide(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(left + i).div(load(right + step * i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void maximum(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      load(left + i).max(load(right + step * i)).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void less(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMask<Float> holds = load(left + i).compare(VectorOperators.LT, load(right + step * i));
      oneWhere(holds).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void lessEqual(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMask<Float> holds = load(left + i).compare(VectorOperators.LE, load(right + step * i));
      oneWhere(holds).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static void equal(long left, long right, long step, long to, long bytes) {
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMask<Float> holds = load(left + i).compare(VectorOperators.EQ, load(right + step * i));
      oneWhere(holds).intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
  }

  private static FloatVector oneWhere(VectorMask<Float> holds) {
    return FloatVector.zero(SPECIES).blend(1, holds);
  }

  @Override
  public void where(
      long condition, long left, long right, boolean rightIsLine, long to, long count) {
    long whole = SPECIES.loopBound(count);
    long bytes = 4 * whole;
    long step = rightIsLine ? 0 : 1;
    for (long i = 0; i < bytes; i += BYTES) {
      VectorMask<Float> fails = load(condition + i).compare(VectorOperators.EQ, 0);
      load(left + i)
          .blend(load(right + step * i), fails)
          .intoMemorySegment(ALL, to + i, LITTLE_ENDIAN);
    }
    for (long i = bytes; i < 4 * count; i += 4) {
      boolean holds = Memory.getFloat(condition + i) != 0;
      Memory.setFloat(to + i, Memory.getFloat(holds ? left + i : right + step * i));
    }
  }

  @Override
  public void floatToBfloat16(long from, long to, long count) {
    long whole = SPECIES.loopBound(count);
    for (long i = 0; i < whole; i += LANES) {
      FloatVector x = load(from + 4 * i);
      IntVector bits = x.reinterpretAsInts();
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      IntVector rounded = bits.add(upper.and(1).add(0x7FFF)).lanewise(VectorOperators.LSHR, 16);
      IntVector result = rounded.blend(upper.or(0x0040), x.test(VectorOperators.IS_NAN).cast(INTS));
      ((ShortVector) result.convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(ALL, to + 2 * i, LITTLE_ENDIAN);
    }
    PlainElementLoops.restToBfloat16(from, to, whole, count);
  }

  @Override
  public void bfloat16ToFloat(long from, long to, long count) {
    long whole = SPECIES.loopBound(count);
    for (long i = 0; i < whole; i += LANES) {
      ShortVector x = ShortVector.fromMemorySegment(SHORTS, ALL, from + 2 * i, LITTLE_ENDIAN);
      ((IntVector) x.convertShape(VectorOperators.S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .intoMemorySegment(ALL, to + 4 * i, LITTLE_ENDIAN);
    }
    PlainElementLoops.restToFloat(from, to, whole, count);
  }

  @Override
  public double sum(long from, long count) {
    double[] sums = new double[NUM_SUMS];
    long whole = count / NUM_SUMS * NUM_SUMS;
    for (int j = 0; j < NUM_SUMS; j += DOUBLES.length()) {
      sumOfEvery16th(from + 4L * j, 4 * whole).intoArray(sums, j);
    }
    PlainElementLoops.sumRest(sums, from, whole, count);
    return ElementLoops.addHalves(sums);
  }

  private static DoubleVector sumOfEvery16th(long from, long bytes) {
    DoubleVector sum = DoubleVector.zero(DOUBLES);
    for (long i = 0; i < bytes; i += 4 * NUM_SUMS) {
      sum = sum.add(loadDoubles(from + i));
    }
    return sum;
  }

  private static DoubleVector loadDoubles(long address) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(HALF, ALL, address, LITTLE_ENDIAN)
            .convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  @Override
  public float maximum(long from, long count) {
    FloatVector largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    long whole = SPECIES.loopBound(count);
    for (long i = 0; i < 4 * whole; i += BYTES) {
      largest = largest.max(load(from + i));
    }
    return PlainElementLoops.maximumOfRest(
        largest.reduceLanes(VectorOperators.MAX), from, whole, count);
  }

  @Override
  public void addTo(double[] sums, long from) {
    int whole = DOUBLES.loopBound(sums.length);
    for (int i = 0; i < whole; i += DOUBLES.length()) {
      DoubleVector.fromArray(DOUBLES, sums, i).add(loadDoubles(from + 4L * i)).intoArray(sums, i);
    }
    PlainElementLoops.addRest(sums, from, whole);
  }
}
