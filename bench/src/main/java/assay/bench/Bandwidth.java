package assay.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The memory ceiling: bytes moved per nanosecond, that is GB/s, over arrays far larger than the
 * caches. One operation of JMH is one byte that the source names; a store that first reads its
 * cache line moves a third more than is counted (as in McCalpin's STREAM).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-Xmx1g"
    })
public class Bandwidth {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int BYTES = 64 << 20;

  private Arena arena;
  private MemorySegment a;
  private MemorySegment b;
  private MemorySegment c;

  /** Allocates outside the heap, where tensors live, and touches every page. */
  @Setup
  @SuppressWarnings("MustBeClosedChecker") // closed by free()
  public void allocate() {
    arena = Arena.ofShared();
    a = arena.allocate(BYTES, 64).fill((byte) 0);
    b = arena.allocate(BYTES, 64).fill((byte) 1);
    c = arena.allocate(BYTES, 64).fill((byte) 2);
  }

  @TearDown
  public void free() {
    arena.close();
  }

  /** a = b: one read, one write. */
  @Benchmark
  @OperationsPerInvocation(2 * BYTES)
  public MemorySegment copy() {
    for (long offset = 0; offset < BYTES; offset += SPECIES.vectorByteSize()) {
      FloatVector.fromMemorySegment(SPECIES, b, offset, ORDER).intoMemorySegment(a, offset, ORDER);
    }
    return a;
  }

  /** a = 3 b + c: two reads, one write, as most element-wise kernels do. */
  @Benchmark
  @OperationsPerInvocation(3 * BYTES)
  public MemorySegment triad() {
    FloatVector three = FloatVector.broadcast(SPECIES, 3.0f);
    for (long offset = 0; offset < BYTES; offset += SPECIES.vectorByteSize()) {
      FloatVector x = FloatVector.fromMemorySegment(SPECIES, b, offset, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(SPECIES, c, offset, ORDER);
      x.fma(three, y).intoMemorySegment(a, offset, ORDER);
    }
    return a;
  }
}
