package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import assay.tensor.Backend;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeProperty;
import net.jqwik.api.lifecycle.BeforeTry;
import org.junit.jupiter.api.Test;

/** Matmul's definition, to the bit: one chain of fused multiply-adds over k ascending. */
class MatMulTest {
  private Device device;
  private TensorArena arena;
  private final List<FastBackend> backends = new ArrayList<>();

  @BeforeProperty
  void open() {
    device = Device.cpuReference(1);
    for (int numThreads = 1; numThreads <= 3; numThreads++) {
      backends.add(new FastBackend(new WorkerPool(numThreads), CpuLoops.plain()));
      backends.add(new FastBackend(new WorkerPool(numThreads), CpuLoops.fastest()));
    }
  }

  @AfterProperty
  void close() {
    for (FastBackend backend : backends) {
      backend.pool().close();
      backend.close();
    }
    device.close();
  }

  @BeforeTry
  void openArena() {
    arena = TensorArena.open(device, "test");
  }

  @AfterTry
  void closeArena() {
    arena.close();
  }

  @Provide
  Arbitrary<Integer> sizes() {
    return Arbitraries.of(1, 3, 17, 63, 64, 65, 127, 300);
  }

  /** Long enough for several runs of k. */
  @Provide
  Arbitrary<Integer> depths() {
    return Arbitraries.of(1, 3, 17, 64, 65, 330, 1000);
  }

  @Property(tries = 50)
  void everyPathAndThreadCountGivesTheBitsOfTheDefinition(
      @ForAll("sizes") int m,
      @ForAll("depths") int k,
      @ForAll("sizes") int n,
      @ForAll boolean transposeA,
      @ForAll boolean transposeB,
      @ForAll boolean accumulate,
      @ForAll boolean scale) {
    SplittableRandom random = new SplittableRandom(31L * m + k);
    float[] a = gaussians(random, m * k);
    float[] b = gaussians(random, k * n);
    float[] before = gaussians(random, m * n);
    float alpha = scale ? 0.3f : 1;
    float[] expected = new float[m * n];
    for (int i = 0; i < expected.length; i++) {
      int row = i / n;
      int column = i % n;
      float sum = accumulate ? before[i] : 0;
      for (int j = 0; j < k; j++) {
        float left = alpha * a[transposeA ? j * m + row : row * k + j];
        sum = Math.fma(left, b[transposeB ? column * k + j : j * n + column], sum);
      }
      expected[i] = sum;
    }
    Tensor tensorA = matrix(a, transposeA ? k : m);
    Tensor tensorB = matrix(b, transposeB ? n : k);
    for (FastBackend backend : backends) {
      Tensor out = matrix(before, m);
      double beta = accumulate ? 1 : 0;
      backend.matmul(tensorA, transposeA, tensorB, transposeB, alpha, beta, out);
      assertArrayEquals(expected, out.toFloats(), () -> describe(backend));
    }
  }

  @Property(tries = 20)
  void theReferenceAgreesWithinTheRoundingOfASum(
      @ForAll("sizes") int m, @ForAll("depths") int k, @ForAll("sizes") int n) {
    SplittableRandom random = new SplittableRandom(31L * m + k);
    Tensor a = matrix(gaussians(random, m * k), m);
    Tensor b = matrix(gaussians(random, k * n), k);
    Tensor expected = matrix(new float[m * n], m);
    device.backend().matmul(a, false, b, false, 1, 0, expected);
    double tolerance = 2e-6 + 3e-7 * k; // few products exceed 16, sums are about sqrt(k)
    for (FastBackend backend : backends) {
      Tensor out = arena.empty(DType.F32, m, n);
      backend.matmul(a, false, b, false, 1, 0, out);
      assertArrayEquals(expected.toFloats(), out.toFloats(), (float) tolerance);
    }
  }

  @Property(tries = 20)
  void aRowGivesTheSameBitsAloneAndAmongOthers(
      @ForAll("depths") int k, @ForAll("sizes") int n, @ForAll boolean transposeB) {
    SplittableRandom random = new SplittableRandom(31L * n + k);
    int m = 203;
    Tensor a = matrix(gaussians(random, m * k), m);
    Tensor b = matrix(gaussians(random, k * n), transposeB ? n : k);
    for (FastBackend backend : backends) {
      Tensor all = arena.empty(DType.F32, m, n);
      backend.matmul(a, false, b, transposeB, 1, 0, all);
      float[] values = all.toFloats();
      for (int from : new int[] {0, 1, 6, 101, 202}) {
        int to = Math.min(m, from + 1 + from % 5);
        Tensor few = arena.empty(DType.F32, to - from, n);
        backend.matmul(a.rows(from, to), false, b, transposeB, 1, 0, few);
        assertArrayEquals(Arrays.copyOfRange(values, from * n, to * n), few.toFloats());
      }
    }
  }

  @Property(tries = 10)
  void aColumnGivesTheSameBitsAloneAndAmongOthers(@ForAll("sizes") int m, @ForAll("depths") int k) {
    SplittableRandom random = new SplittableRandom(31L * m + k);
    Tensor a = matrix(gaussians(random, m * k), m);
    Tensor weight = matrix(gaussians(random, 77 * k), 77);
    for (FastBackend backend : backends) {
      Tensor all = arena.empty(DType.F32, m, 77);
      backend.matmul(a, false, weight, true, 1, 0, all);
      Tensor one = arena.empty(DType.F32, m, 1);
      backend.matmul(a, false, weight.rows(70, 71), true, 1, 0, one);
      float[] values = all.toFloats();
      float[] column = one.toFloats();
      for (int row = 0; row < m; row++) {
        assertEquals(values[row * 77 + 70], column[row]);
      }
    }
  }

  @Property(tries = 1)
  void nanAndInfinityReachTheirRowAndColumnAndNoOther() {
    float infinity = Float.POSITIVE_INFINITY;
    for (FastBackend backend : backends) {
      float[] a = new float[70 * 65];
      Arrays.fill(a, 1);
      a[3 * 65 + 7] = Float.NaN;
      a[69 * 65 + 64] = infinity;
      float[] b = new float[65 * 67];
      Arrays.fill(b, 1);
      Tensor out = arena.empty(DType.F32, 70, 67);
      backend.matmul(matrix(a, 70), false, matrix(b, 65), false, 1, 0, out);
      float[] values = out.toFloats();
      for (int i = 0; i < values.length; i++) {
        int row = i / 67;
        assertEquals(
            row == 3 ? Float.NaN : row == 69 ? infinity : 65, values[i], describe(backend));
      }
      b[64 * 67 + 66] = 0; // 0 times infinity
      backend.matmul(matrix(a, 70), false, matrix(b, 65), false, 1, 0, out);
      assertEquals(Float.NaN, out.toFloats()[69 * 67 + 66]);
      assertEquals(infinity, out.toFloats()[69 * 67 + 65]);
    }
  }

  @Property(tries = 1)
  void aSumOverNothingIsZeroOrWhatWasThere() {
    for (Backend backend : backends) {
      Tensor a = arena.empty(DType.F32, 0, 3);
      Tensor b = arena.empty(DType.F32, 0, 5);
      Tensor out = matrix(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6}, 3);
      float[] before = out.toFloats();
      backend.matmul(a, true, b, false, 1, 1, out);
      assertArrayEquals(before, out.toFloats());
      backend.matmul(a, true, b, false, 1, 0, out);
      assertArrayEquals(new float[15], out.toFloats());
    }
  }

  @Property(tries = 1)
  void aResultWithoutRowsIsNoError() {
    Tensor weight = matrix(new float[] {1, 2, 3, 4, 5, 6}, 2);
    for (Backend backend : backends) {
      Tensor out = arena.empty(DType.F32, 0, 2);
      backend.matmul(arena.empty(DType.F32, 0, 3), false, weight, true, 1, 0, out);
      assertEquals(0, out.toFloats().length);
    }
  }

  /** On a machine with 256-bit vectors the tile of eight rows is not the one in use, nor tested. */
  @Test
  void bothVectorTilesGiveTheBitsOfThePlainOne() {
    assumeTrue(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
    SplittableRandom random = new SplittableRandom(5);
    float[] a = gaussians(random, 37 * 41);
    float[] b = gaussians(random, 41 * 43);
    float[] expected = multiply(new PlainMatMulLoops(), a, b);
    assertArrayEquals(expected, multiply(new SixRowLoops(), a, b));
    assertArrayEquals(expected, multiply(new EightRowLoops(), a, b));
  }

  private static float[] multiply(MatMulLoops loops, float[] a, float[] b) {
    long memory = Memory.allocate(4L * (a.length + b.length + 37 * 43), 64);
    long bAddress = memory + 4L * a.length;
    long outAddress = bAddress + 4L * b.length;
    Memory.write(a, 0, a.length, memory);
    Memory.write(b, 0, b.length, bAddress);
    try (WorkerPool pool = new WorkerPool(1);
        MatMul matmul = new MatMul(pool, loops)) {
      matmul.multiply(
          new MatMul.Operand(memory, false, 37, 41),
          new MatMul.Operand(bAddress, false, 41, 43),
          1,
          false,
          outAddress);
    }
    float[] out = new float[37 * 43];
    Memory.read(outAddress, out, 0, out.length);
    Memory.free(memory);
    return out;
  }

  private static String describe(FastBackend backend) {
    return backend.loops().description() + ", threads: " + backend.pool().numThreads();
  }

  private Tensor matrix(float[] values, int rows) {
    return arena.empty(DType.F32, rows, values.length / rows).copyFrom(values);
  }

  private static float[] gaussians(SplittableRandom random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
