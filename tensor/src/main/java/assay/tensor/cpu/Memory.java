package assay.tensor.cpu;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The process's memory by address. All kernels go through the one segment {@link #ALL}: a loop that
 * has met several kinds of segments is compiled three to ten times slower.
 */
final class Memory {
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle ALIGNED_ALLOC =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("aligned_alloc"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FREE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("free"), FunctionDescriptor.ofVoid(JAVA_LONG));

  private Memory() {}

  /** Memory from the C library at a multiple of {@code alignment}. */
  static long allocate(long bytes, long alignment) {
    long address;
    try {
      address = (long) ALIGNED_ALLOC.invokeExact(alignment, bytes);
    } catch (Throwable t) {
      throw new AssertionError("aligned_alloc", t);
    }
    if (address == 0) {
      throw new OutOfMemoryError("the system refuses " + bytes + " bytes at once");
    }
    return address;
  }

  static void free(long address) {
    try {
      FREE.invokeExact(address);
    } catch (Throwable t) {
      throw new AssertionError("free", t);
    }
  }

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void zero(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }

  static void read(long from, float[] to, int start, int count) {
    MemorySegment.copy(ALL, JAVA_FLOAT, from, to, start, count);
  }

  static void write(float[] from, int start, int count, long to) {
    MemorySegment.copy(from, start, ALL, JAVA_FLOAT, to, count);
  }

  static short getShort(long address) {
    return ALL.get(JAVA_SHORT, address);
  }

  static void setShort(long address, short value) {
    ALL.set(JAVA_SHORT, address, value);
  }

  static int getInt(long address) {
    return ALL.get(JAVA_INT, address);
  }

  static void setInt(long address, int value) {
    ALL.set(JAVA_INT, address, value);
  }

  static float getFloat(long address) {
    return ALL.get(JAVA_FLOAT, address);
  }

  static void setFloat(long address, float value) {
    ALL.set(JAVA_FLOAT, address, value);
  }

  static double getDouble(long address) {
    return ALL.get(JAVA_DOUBLE, address);
  }

  static void setDouble(long address, double value) {
    ALL.set(JAVA_DOUBLE, address, value);
  }
}
