package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.tensor.Backend;
import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.ReduceKind;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every fast kernel but matmul against the reference, in plain and in vector loops. */
class FastBackendTest {
  private static final int[] SIZES = {1, 3, 17, 63, 64, 65, 127, 1000};
  private static final float[] SPECIAL = {
    0,
    -0f,
    1,
    -1,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.MIN_NORMAL
  };

  private final SplittableRandom random = new SplittableRandom(7);
  private Device device;
  private TensorArena arena;
  private List<FastBackend> backends;

  @BeforeEach
  void open() {
    device = Device.cpuReference(2);
    arena = TensorArena.open(device, "test");
    backends =
        List.of(
            new FastBackend(new WorkerPool(1), CpuLoops.plain()),
            new FastBackend(new WorkerPool(3), CpuLoops.plain()),
            new FastBackend(new WorkerPool(1), CpuLoops.fastest()),
            new FastBackend(new WorkerPool(3), CpuLoops.fastest()));
  }

  @AfterEach
  void close() {
    for (FastBackend backend : backends) {
      backend.pool().close();
      backend.close();
    }
    arena.close();
    device.close();
  }

  @Test
  void fillGivesTheReferencesBits() {
    for (DType dtype : DType.values()) {
      for (double value : new double[] {0, -0.0, 1.5, -3, Double.NaN, 1e300}) {
        for (int size : SIZES) {
          sameBits(dtype, size, (backend, out) -> backend.fill(out, value));
        }
      }
    }
  }

  @Test
  void arithmeticOfOneTensorGivesTheReferencesBits() {
    for (UnaryKind kind :
        List.of(
            UnaryKind.COPY,
            UnaryKind.NEGATE,
            UnaryKind.ABSOLUTE,
            UnaryKind.SQRT,
            UnaryKind.RECIPROCAL)) {
      for (int size : SIZES) {
        Tensor x = randomTensor(size);
        sameBits(DType.F32, size, (backend, out) -> backend.unary(kind, x, out));
      }
    }
  }

  @Test
  void exponentialFunctionsGiveTheBitsOfFloatMath() {
    for (UnaryKind kind : UnaryKind.values()) {
      for (int size : SIZES) {
        Tensor x = randomTensor(size, 40); // several tasks
        float[] expected = x.toFloats();
        for (int i = 0; i < expected.length; i++) {
          expected[i] = FloatMath.apply(kind, expected[i]);
        }
        for (FastBackend backend : backends) {
          Tensor out = arena.empty(DType.F32, x.shape());
          backend.unary(kind, x, out);
          assertArrayEquals(expected, out.toFloats(), kind + " of " + size);
        }
      }
    }
  }

  @Test
  void binaryGivesTheReferencesBitsInEveryBroadcastCase() {
    for (BinaryKind kind : BinaryKind.values()) {
      for (int i = 0; i < 3; i++) {
        int rows = anySize();
        int columns = anySize();
        Tensor a = randomTensor(rows, columns);
        for (Tensor b :
            List.of(
                randomTensor(rows, columns),
                randomTensor(1),
                randomTensor(columns),
                randomTensor(rows, 1))) {
          Tensor expected = arena.empty(DType.F32, rows, columns);
          device.backend().binary(kind, a, b, expected);
          for (FastBackend backend : backends) {
            Tensor out = arena.empty(DType.F32, rows, columns);
            backend.binary(kind, a, b, out);
            assertArrayEquals(expected.toFloats(), out.toFloats(), kind + " " + a + " " + b);
          }
        }
      }
    }
  }

  @Test
  void anOutputMayBeAnInput() {
    for (FastBackend backend : backends) {
      Tensor a = randomTensor(65, 127);
      Tensor b = randomTensor(65, 1);
      Tensor expected = arena.empty(DType.F32, 65, 127);
      backend.binary(BinaryKind.MULTIPLY, a, b, expected);
      backend.binary(BinaryKind.MULTIPLY, a, b, a);
      assertArrayEquals(expected.toFloats(), a.toFloats());
      backend.unary(UnaryKind.EXP, a, expected);
      backend.unary(UnaryKind.EXP, a, a);
      assertArrayEquals(expected.toFloats(), a.toFloats());
    }
  }

  @Test
  void whereGivesTheReferencesBits() {
    for (int size : SIZES) {
      Tensor condition = randomTensor(size, 30);
      device
          .backend()
          .unary(UnaryKind.COPY, randomTensor(30), condition.reshape(size * 30).rows(0, 30));
      Tensor a = randomTensor(size, 30);
      for (Tensor b : List.of(randomTensor(size, 30), randomTensor(1))) {
        sameBits(
            DType.F32,
            size * 30,
            (backend, out) -> backend.where(condition, a, b, out.reshape(size, 30)));
      }
    }
  }

  @Test
  void castGivesTheReferencesBits() {
    for (DType from : DType.values()) {
      for (DType to : DType.values()) {
        for (int size : SIZES) {
          Tensor x = arena.empty(from, size * 33);
          device.backend().cast(randomTensor(size * 33), x);
          sameBits(to, size * 33, (backend, out) -> backend.cast(x, out));
        }
      }
    }
  }

  @Test
  void sumsAreThoseOfDoublesRoundedOnce() {
    for (int i = 0; i < 10; i++) {
      Tensor x = gaussians(anySize(), anySize());
      for (int dim = 0; dim < 2; dim++) {
        int size = dim == 0 ? x.numColumns() : x.numRows();
        float[] expected = new float[size];
        float[] values = x.toFloats();
        double[] sums = new double[size];
        for (int j = 0; j < values.length; j++) {
          sums[dim == 0 ? j % x.numColumns() : j / x.numColumns()] += values[j];
        }
        for (int j = 0; j < size; j++) {
          expected[j] = (float) sums[j];
        }
        for (FastBackend backend : backends) {
          Tensor out = arena.empty(DType.F32, size);
          backend.reduce(ReduceKind.SUM, x, dim, out);
          float[] got = out.toFloats();
          for (int j = 0; j < size; j++) {
            assertEquals(expected[j], got[j], Math.ulp(expected[j]), x + " over " + dim);
          }
        }
      }
    }
  }

  @Test
  void sumsHaveTheSameBitsOnEveryPath() {
    for (int i = 0; i < 10; i++) {
      Tensor x = randomTensor(anySize(), anySize());
      for (int dim = 0; dim < 2; dim++) {
        int over = dim;
        int size = dim == 0 ? x.numColumns() : x.numRows();
        Tensor first = arena.empty(DType.F32, size);
        backends.getFirst().reduce(ReduceKind.SUM, x, dim, first);
        for (FastBackend backend : backends) {
          Tensor out = arena.empty(DType.F32, size);
          backend.reduce(ReduceKind.SUM, x, over, out);
          assertArrayEquals(first.toFloats(), out.toFloats(), x + " over " + dim);
        }
      }
    }
  }

  @Test
  void maximaAreTheReferences() {
    for (int i = 0; i < 10; i++) {
      Tensor x = i % 2 == 0 ? randomTensor(anySize(), anySize()) : gaussians(anySize(), anySize());
      sameBits(
          DType.F32, x.numRows(), (backend, out) -> backend.reduce(ReduceKind.MAXIMUM, x, 1, out));
      sameBits(
          DType.F32,
          x.numColumns(),
          (backend, out) -> backend.reduce(ReduceKind.MAXIMUM, x, 0, out));
    }
  }

  @Test
  void gatherAndScatterAddGiveTheReferencesBits() {
    for (int i = 0; i < 10; i++) {
      int columns = anySize();
      Tensor table = gaussians(anySize(), columns);
      int[] rows = new int[anySize()];
      for (int j = 0; j < rows.length; j++) {
        rows[j] = random.nextInt(table.numRows());
      }
      Tensor index = arena.ints(rows);
      Tensor x = gaussians(rows.length, columns);
      sameBits(
          DType.F32,
          rows.length * columns,
          (backend, out) -> backend.gather(table, index, out.reshape(rows.length, columns)));
      sameBits(
          DType.F32,
          table.numRows() * columns,
          (backend, out) -> {
            backend.unary(UnaryKind.COPY, table.reshape(Math.toIntExact(table.size())), out);
            backend.scatterAdd(x, index, out.reshape(table.numRows(), columns));
          });
    }
  }

  /** Runs a kernel on the reference and on every fast backend; all must write the same. */
  private void sameBits(DType dtype, int size, BiConsumer<Backend, Tensor> kernel) {
    Tensor expected = arena.empty(dtype, size);
    kernel.accept(device.backend(), expected);
    for (FastBackend backend : backends) {
      Tensor out = arena.empty(dtype, size);
      kernel.accept(backend, out);
      assertArrayEquals(
          bits(expected), bits(out), dtype + "[" + size + "], " + backend.loops().description());
      arena.release(out);
    }
    arena.release(expected);
  }

  /** As doubles: every dtype's values are doubles, and NaN equals NaN. */
  private double[] bits(Tensor x) {
    Tensor exact = arena.empty(DType.F64, x.shape());
    device.backend().cast(x, exact);
    double[] values = exact.toDoubles();
    arena.release(exact);
    return values;
  }

  private int anySize() {
    return SIZES[random.nextInt(SIZES.length)];
  }

  /** Numbers of all magnitudes, among them zeros, infinities and NaN. */
  private Tensor randomTensor(int... dims) {
    Tensor x = arena.empty(DType.F32, dims);
    float[] values = new float[Math.toIntExact(x.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (random.nextInt(20)) {
            case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 1 -> Float.intBitsToFloat(random.nextInt());
            default -> (float) random.nextGaussian(0, 20);
          };
    }
    return x.copyFrom(values);
  }

  private Tensor gaussians(int... dims) {
    Tensor x = arena.empty(DType.F32, dims);
    float[] values = new float[Math.toIntExact(x.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return x.copyFrom(values);
  }
}
