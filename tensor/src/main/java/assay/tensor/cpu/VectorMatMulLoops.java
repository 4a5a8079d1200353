package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Packing on the Vector API; the subclasses hold the tile for the machine's number of registers.
 *
 * <p>A tile has no branch around a vector: where its chains start is a matter of addresses. With
 * {@code first ? zero : load(c)} the compiler may find one side too rare to inline; what that side
 * returns is then an object, and so is every sum it could become. One process in five computed a
 * hundred times more slowly.
 */
abstract class VectorMatMulLoops implements MatMulLoops {
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int LANES = SPECIES.length();
  static final int TILE_COLUMNS = 2 * LANES;

  static final long VECTOR_BYTES = 4L * LANES;

  /** A row of a tile of zeros. Chains that start at 0 load it. */
  static final long ZEROS = zeros(4L * TILE_COLUMNS);

  private static long zeros(long bytes) {
    long address = Memory.allocate(bytes, 64);
    Memory.zero(address, bytes);
    return address;
  }

  /** The loops whose tile fits this machine's registers. */
  static VectorMatMulLoops forThisMachine() {
    return SPECIES.vectorBitSize() == 256 ? new SixRowLoops() : new EightRowLoops();
  }

  @Override
  public int tileColumns() {
    return TILE_COLUMNS;
  }

  @Override
  public int maxDepth() {
    return 320;
  }

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, LITTLE_ENDIAN);
  }

  @Override
  public void copy(Block x, float[] panel, int start, int stride) {
    if (x.columns() == TILE_COLUMNS) {
      copyTileRows(x.address(), x.rowBytes(), x.rows(), panel, start, stride);
      return;
    }
    for (int row = 0; row < x.rows(); row++) {
      copyRow(x.address() + row * x.rowBytes(), panel, start + row * stride, x.columns());
    }
  }

  private static void copyTileRows(
      long from, long rowBytes, int rows, float[] panel, int start, int stride) {
    for (int row = 0; row < rows; row++) {
      long x = from + row * rowBytes;
      int to = start + row * stride;
      load(x).intoArray(panel, to);
      load(x + VECTOR_BYTES).intoArray(panel, to + LANES);
    }
  }

  private static void copyRow(long from, float[] panel, int start, int length) {
    int whole = SPECIES.loopBound(length);
    for (int i = 0; i < whole; i += LANES) {
      load(from + 4L * i).intoArray(panel, start + i);
    }
    for (int i = whole; i < length; i++) {
      panel[start + i] = Memory.getFloat(from + 4L * i);
    }
  }

  @Override
  public void transpose(Block x, float[] panel, int start, int stride) {
    if (LANES >= 8) {
      VectorTranspose.transpose(x, panel, start, stride);
    } else {
      PlainMatMulLoops.transposeOneByOne(x, panel, start, stride);
    }
  }
}
