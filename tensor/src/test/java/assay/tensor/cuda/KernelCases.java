package assay.tensor.cuda;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.FusedKernels;
import assay.tensor.ReduceKind;
import assay.tensor.Segments;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** For each kernel file a computation that exercises all its kernels, in blocks of many sizes. */
final class KernelCases {
  /** Every file in which threads wait for each other has its case here. */
  static final Map<String, Case> BY_FILE =
      Map.of(
          "rms_norm.cu", floats(KernelCases::rmsNorm),
          "reduce.cu", floats(KernelCases::reduce),
          "sums_of_squares.cu", floats(KernelCases::sumsOfSquares),
          "attention_1.cu", new Case(DType.F32, 1e-4, 1, KernelCases::attention),
          "attention_2.cu", new Case(DType.F32, 1e-4, 2, KernelCases::attention),
          "attention_2_backward.cu", new Case(DType.F32, 1e-4, 2, KernelCases::attention),
          "attention_3.cu", new Case(DType.BF16, 0.02, 3, KernelCases::attentionOfSixteens),
          "attention_3_backward.cu",
              new Case(DType.BF16, 0.02, 3, KernelCases::attentionOfSixteens));

  /** One, some and many warps to a row. */
  private static final int[] COLUMNS = {3, 100, 300, 1030};

  private static final int ROWS = 6;

  private KernelCases() {}

  /**
   * A computation, and on what the GPU does it.
   *
   * @param tolerance of the largest error, as a share of the largest value
   * @param attention the version of attention
   */
  record Case(DType dtype, double tolerance, int attention, Computation computation) {}

  /** Computes with one device, from inputs that are the same for every device. */
  interface Computation {
    void run(Values values);
  }

  private static Case floats(Computation computation) {
    return new Case(DType.F32, 1e-4, 1, computation);
  }

  /** Inputs by their order, and the results so far. */
  static final class Values implements AutoCloseable {
    final Device device;
    final TensorArena arena;
    final DType dtype;
    final List<double[]> results = new ArrayList<>();
    private final Random random = new Random(7);

    Values(Device device, DType dtype) {
      this.device = device;
      this.dtype = dtype;
      this.arena = TensorArena.open(device, "case");
    }

    /** Numbers from -1 to 1, in steps that every dtype has. */
    Tensor random(int rows, int columns) {
      double[] values =
          random.ints((long) rows * columns, -64, 65).mapToDouble(i -> i / 64.0).toArray();
      return arena.of(dtype, Shape.of(rows, columns), values);
    }

    Tensor empty(int... dims) {
      return arena.empty(dtype, dims);
    }

    void result(Tensor tensor) {
      Tensor exact = arena.empty(DType.F64, tensor.shape());
      device.backend().cast(tensor, exact);
      results.add(exact.toDoubles());
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  /** What a device computes for the case of a file. */
  static List<double[]> results(String file, Device device, DType dtype) {
    try (Values values = new Values(device, dtype)) {
      BY_FILE.get(file).computation.run(values);
      return values.results;
    }
  }

  private static void rmsNorm(Values values) {
    for (int columns : COLUMNS) {
      Tensor x = values.random(ROWS, columns);
      Tensor weight = values.random(1, columns).reshape(columns);
      Tensor y = values.empty(ROWS, columns);
      Tensor inverseRms = values.empty(ROWS, 1);
      Tensor dx = values.empty(ROWS, columns);
      Tensor dWeight = values.arena.zeros(values.dtype, columns);
      values.device.kernels().rmsNorm(x, weight, 1, 1e-5, y, inverseRms, values.arena);
      Tensor dy = values.random(ROWS, columns);
      values
          .device
          .kernels()
          .rmsNormBackward(x, weight, 1, inverseRms, dy, dx, dWeight, values.arena);
      values.result(y);
      values.result(dx);
      values.result(dWeight);
    }
  }

  private static void reduce(Values values) {
    for (int columns : COLUMNS) {
      Tensor x = values.random(20, columns);
      for (ReduceKind kind : ReduceKind.values()) {
        Tensor rows = values.empty(20);
        Tensor sums = values.empty(columns);
        values.device.backend().reduce(kind, x, 1, rows);
        values.device.backend().reduce(kind, x, 0, sums);
        values.result(rows);
        values.result(sums);
      }
    }
  }

  private static void sumsOfSquares(Values values) {
    for (int columns : new int[] {1, 10, 300, 5000}) {
      Tensor sums = values.arena.empty(DType.F64, 3);
      values.device.kernels().sumsOfSquares(values.random(3, columns), sums, values.arena);
      values.result(sums);
    }
  }

  private static void attention(Values values) {
    attention(values, new AttentionConfig(2, 1, 20, 0.2, 0, 0));
    attention(values, new AttentionConfig(1, 1, 136, 0.1, 2, 40));
  }

  /** Heads of a multiple of 16, and of 32, columns. */
  private static void attentionOfSixteens(Values values) {
    attention(values, new AttentionConfig(2, 1, 16, 0.2, 0, 0));
    attention(values, new AttentionConfig(1, 1, 160, 0.1, 2, 40));
  }

  private static void attention(Values values, AttentionConfig config) {
    Segments segments =
        Segments.of(new int[] {150, 7, 70, 3}, new int[] {Segments.NONE, 0, 0, Segments.NONE});
    int rows = segments.numRows();
    int columns = config.numHeads() * config.headDim();
    int keyColumns = config.numKeyValueHeads() * config.headDim();
    Tensor q = values.random(rows, columns);
    Tensor k = values.random(rows, keyColumns);
    Tensor v = values.random(rows, keyColumns);
    Tensor out = values.empty(rows, columns);
    Tensor logSumExp = values.arena.empty(values.dtype.sum(), rows, config.numHeads());
    FusedKernels kernels = values.device.kernels();
    kernels.attention(config, segments, null, q, k, v, out, logSumExp, values.arena);
    Tensor dOut = values.random(rows, columns);
    Tensor dq = values.empty(rows, columns);
    Tensor dk = values.empty(rows, keyColumns);
    Tensor dv = values.empty(rows, keyColumns);
    kernels.attentionBackward(
        config, segments, null, q, k, v, out, logSumExp, dOut, dq, dk, dv, values.arena);
    for (Tensor result : List.of(out, logSumExp, dq, dk, dv)) {
      values.result(result);
    }
  }
}
