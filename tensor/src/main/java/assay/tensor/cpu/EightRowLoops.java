package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import jdk.incubator.vector.FloatVector;

/**
 * Tiles of eight rows and two vectors, for machines with thirty-two vector registers (AVX-512 and
 * 64-bit ARM): sixteen hold the sums. The sums are named locals because the compiler keeps those,
 * and no array, in registers.
 */
final class EightRowLoops extends VectorMatMulLoops {
  @Override
  public int tileRows() {
    return 8;
  }

  @Override
  public void tile(
      float[] a,
      int aStart,
      float[] b,
      int bStart,
      int depth,
      long c,
      long rowBytes,
      boolean first) {
    int a0 = aStart;
    int a1 = a0 + depth;
    int a2 = a1 + depth;
    int a3 = a2 + depth;
    int a4 = a3 + depth;
    int a5 = a4 + depth;
    int a6 = a5 + depth;
    int a7 = a6 + depth;
    long c0 = c;
    long c1 = c0 + rowBytes;
    long c2 = c1 + rowBytes;
    long c3 = c2 + rowBytes;
    long c4 = c3 + rowBytes;
    long c5 = c4 + rowBytes;
    long c6 = c5 + rowBytes;
    long c7 = c6 + rowBytes;
    long start = first ? ZEROS : c;
    long startRowBytes = first ? 0 : rowBytes;
    long s0 = start;
    long s1 = s0 + startRowBytes;
    long s2 = s1 + startRowBytes;
    long s3 = s2 + startRowBytes;
    long s4 = s3 + startRowBytes;
    long s5 = s4 + startRowBytes;
    long s6 = s5 + startRowBytes;
    long s7 = s6 + startRowBytes;
    FloatVector left0 = FloatVector.fromMemorySegment(SPECIES, ALL, s0, LITTLE_ENDIAN);
    FloatVector right0 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s0 + VECTOR_BYTES, LITTLE_ENDIAN);
    FloatVector left1 = FloatVector.fromMemorySegment(SPECIES, ALL, s1, LITTLE_ENDIAN);
    FloatVector right1 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s1 + VECTOR_BYTES, LITTLE_ENDIAN);
    FloatVector left2 = FloatVector.fromMemorySegment(SPECIES, ALL, s2, LITTLE_ENDIAN);
    FloatVector right2 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s2 + VECTOR_BYTES, LITTLE_ENDIAN);
    FloatVector left3 = FloatVector.fromMemorySegment(SPECIES, ALL, s3, LITTLE_ENDIAN);
    FloatVector right3 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s3 + VECTOR_BYTES, LITTLE_ENDIAN);
    FloatVector left4 = FloatVector.fromMemorySegment(SPECIES, ALL, s4, LITTLE_ENDIAN);
    FloatVector right4 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s4 + VECTOR_BYTES, LITTLE_ENDIAN);
    FloatVector left5 = FloatVector.fromMemorySegment(SPECIES, ALL, s5, LITTLE_ENDIAN);
    FloatVector right5 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s5 + VECTOR_BYTES, LITTLE_ENDIAN);
    FloatVector left6 = FloatVector.fromMemorySegment(SPECIES, ALL, s6, LITTLE_ENDIAN);
    FloatVector right6 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s6 + VECTOR_BYTES, LITTLE_ENDIAN);
    FloatVector left7 = FloatVector.fromMemorySegment(SPECIES, ALL, s7, LITTLE_ENDIAN);
    FloatVector right7 =
        FloatVector.fromMemorySegment(SPECIES, ALL, s7 + VECTOR_BYTES, LITTLE_ENDIAN);
    for (int k = 0; k < depth; k++) {
      int bRow = bStart + k * TILE_COLUMNS;
      FloatVector bLeft = FloatVector.fromArray(SPECIES, b, bRow);
      FloatVector bRight = FloatVector.fromArray(SPECIES, b, bRow + LANES);
      FloatVector aValue = FloatVector.broadcast(SPECIES, a[a0 + k]);
      left0 = aValue.fma(bLeft, left0);
      right0 = aValue.fma(bRight, right0);
      aValue = FloatVector.broadcast(SPECIES, a[a1 + k]);
      left1 = aValue.fma(bLeft, left1);
      right1 = aValue.fma(bRight, right1);
      aValue = FloatVector.broadcast(SPECIES, a[a2 + k]);
      left2 = aValue.fma(bLeft, left2);
      right2 = aValue.fma(bRight, right2);
      aValue = FloatVector.broadcast(SPECIES, a[a3 + k]);
      left3 = aValue.fma(bLeft, left3);
      right3 = aValue.fma(bRight, right3);
      aValue = FloatVector.broadcast(SPECIES, a[a4 + k]);
      left4 = aValue.fma(bLeft, left4);
      right4 = aValue.fma(bRight, right4);
      aValue = FloatVector.broadcast(SPECIES, a[a5 + k]);
      left5 = aValue.fma(bLeft, left5);
      right5 = aValue.fma(bRight, right5);
      aValue = FloatVector.broadcast(SPECIES, a[a6 + k]);
      left6 = aValue.fma(bLeft, left6);
      right6 = aValue.fma(bRight, right6);
      aValue = FloatVector.broadcast(SPECIES, a[a7 + k]);
      left7 = aValue.fma(bLeft, left7);
      right7 = aValue.fma(bRight, right7);
    }
    left0.intoMemorySegment(ALL, c0, LITTLE_ENDIAN);
    right0.intoMemorySegment(ALL, c0 + VECTOR_BYTES, LITTLE_ENDIAN);
    left1.intoMemorySegment(ALL, c1, LITTLE_ENDIAN);
    right1.intoMemorySegment(ALL, c1 + VECTOR_BYTES, LITTLE_ENDIAN);
    left2.intoMemorySegment(ALL, c2, LITTLE_ENDIAN);
    right2.intoMemorySegment(ALL, c2 + VECTOR_BYTES, LITTLE_ENDIAN);
    left3.intoMemorySegment(ALL, c3, LITTLE_ENDIAN);
    right3.intoMemorySegment(ALL, c3 + VECTOR_BYTES, LITTLE_ENDIAN);
    left4.intoMemorySegment(ALL, c4, LITTLE_ENDIAN);
    right4.intoMemorySegment(ALL, c4 + VECTOR_BYTES, LITTLE_ENDIAN);
    left5.intoMemorySegment(ALL, c5, LITTLE_ENDIAN);
    right5.intoMemorySegment(ALL, c5 + VECTOR_BYTES, LITTLE_ENDIAN);
    left6.intoMemorySegment(ALL, c6, LITTLE_ENDIAN);
    right6.intoMemorySegment(ALL, c6 + VECTOR_BYTES, LITTLE_ENDIAN);
    left7.intoMemorySegment(ALL, c7, LITTLE_ENDIAN);
    right7.intoMemorySegment(ALL, c7 + VECTOR_BYTES, LITTLE_ENDIAN);
  }
}
