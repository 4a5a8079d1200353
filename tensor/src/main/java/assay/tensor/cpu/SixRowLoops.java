package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import jdk.incubator.vector.FloatVector;

/**
 * Tiles of six rows and two vectors, for machines with sixteen vector registers (AVX2): twelve hold
 * the sums. The sums are named locals because the compiler keeps those, and no array, in registers.
 */
final class SixRowLoops extends VectorMatMulLoops {
  @Override
  public int tileRows() {
    return 6;
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
    long c0 = c;
    long c1 = c0 + rowBytes;
    long c2 = c1 + rowBytes;
    long c3 = c2 + rowBytes;
    long c4 = c3 + rowBytes;
    long c5 = c4 + rowBytes;
    FloatVector left0 = start(c0, first);
    FloatVector right0 = start(c0 + VECTOR_BYTES, first);
    FloatVector left1 = start(c1, first);
    FloatVector right1 = start(c1 + VECTOR_BYTES, first);
    FloatVector left2 = start(c2, first);
    FloatVector right2 = start(c2 + VECTOR_BYTES, first);
    FloatVector left3 = start(c3, first);
    FloatVector right3 = start(c3 + VECTOR_BYTES, first);
    FloatVector left4 = start(c4, first);
    FloatVector right4 = start(c4 + VECTOR_BYTES, first);
    FloatVector left5 = start(c5, first);
    FloatVector right5 = start(c5 + VECTOR_BYTES, first);
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
  }
}
