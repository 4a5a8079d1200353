package assay.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.FusedKernels;
import assay.tensor.Segments;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Runs the versions of attention, and its definition in F64, on the same numbers. */
final class AttentionRuns implements AutoCloseable {
  private static final String[] NAMES = {"out", "logSumExp", "dq", "dk", "dv"};

  /** What attention is asked for. */
  record Question(AttentionConfig config, Segments segments, int[] queryRows) {
    int numQueries() {
      return queryRows == null ? segments.numRows() : queryRows.length;
    }

    Shape queryShape() {
      return Shape.of(numQueries(), config.numHeads() * config.headDim());
    }

    Shape keyShape() {
      return Shape.of(segments.numRows(), config.numKeyValueHeads() * config.headDim());
    }

    Shape statisticsShape() {
      return Shape.of(numQueries(), config.numHeads());
    }

    @Override
    public String toString() {
      return "%s, %s, query rows %s".formatted(config, segments, Arrays.toString(queryRows));
    }
  }

  /** q, k, v and dOut, as numbers of the dtype that is tested. */
  record Inputs(double[] q, double[] k, double[] v, double[] dOut) {}

  /** Of the tensors q, k, v, out, logSumExp, dOut, dq, dk, dv. */
  private interface Attention {
    void forward(Question question, Tensor[] x, TensorArena scratch);

    void backward(Question question, Tensor[] x, TensorArena scratch);
  }

  final Device gpu = Device.cuda(0);
  private final Device exact = Device.cpuReference(2);
  private final List<CudaAttention> versions;
  private final SplittableRandom random = new SplittableRandom(7);

  AttentionRuns() {
    CudaAttention attention = ((CudaKernels) gpu.kernels()).attention();
    versions = List.of(attention.upTo(1), attention.upTo(2), attention.upTo(3));
  }

  /** Of the largest error, as a share of the largest value (but at least of 1). */
  record Tolerance(double out, double logSumExp, double gradients) {
    Tolerance times(double factor) {
      return new Tolerance(factor * out, factor * logSumExp, factor * gradients);
    }

    private double of(int output) {
      return output == 0 ? out : output == 1 ? logSumExp : gradients;
    }
  }

  /** Versions against the definition, and each against the one before (either may be off). */
  void check(DType dtype, Tolerance tolerance, Question question, int... chosen) {
    Inputs inputs = inputs(dtype, question);
    double[][] expected = run(exact, DType.F64, question, inputs, definition(exact.kernels()));
    double[][] before = expected;
    for (int version : chosen) {
      double[][] found = run(version, dtype, question, inputs);
      String name = "version %d, %s, %s".formatted(version, dtype, question);
      compare(name + ", against the definition", tolerance, expected, found);
      compare(name + ", against the version before", tolerance.times(2), before, found);
      before = found;
    }
  }

  /** The outputs and gradients of a version: out, logSumExp, dq, dk, dv. */
  double[][] run(int version, DType dtype, Question question, Inputs inputs) {
    return run(gpu, dtype, question, inputs, version(versions.get(version - 1)));
  }

  private static void compare(
      String name, Tolerance tolerance, double[][] expected, double[][] found) {
    for (int i = 0; i < expected.length; i++) {
      double largest = 1;
      double error = 0;
      for (int j = 0; j < expected[i].length; j++) {
        largest = Math.max(largest, Math.abs(expected[i][j]));
        error = Math.max(error, Math.abs(expected[i][j] - found[i][j])); // NaN stays
      }
      double share = error / largest;
      assertTrue(
          share <= tolerance.of(i), "%s: %s is off by %.3g".formatted(name, NAMES[i], share));
    }
  }

  Inputs inputs(DType dtype, Question question) {
    return new Inputs(
        random(dtype, question.queryShape()),
        random(dtype, question.keyShape()),
        random(dtype, question.keyShape()),
        random(dtype, question.queryShape()));
  }

  private double[] random(DType dtype, Shape shape) {
    double[] values = new double[Math.toIntExact(shape.size())];
    Arrays.setAll(values, i -> random.nextGaussian());
    try (TensorArena arena = TensorArena.open(exact, "rounding")) {
      return doubles(arena.of(dtype, shape, values), arena);
    }
  }

  private static double[][] run(
      Device device, DType dtype, Question question, Inputs inputs, Attention attention) {
    try (TensorArena arena = TensorArena.open(device, "test")) {
      Shape queries = question.queryShape();
      Shape keys = question.keyShape();
      Tensor[] x = {
        arena.of(dtype, queries, inputs.q),
        arena.of(dtype, keys, inputs.k),
        arena.of(dtype, keys, inputs.v),
        arena.empty(dtype, queries),
        arena.empty(dtype.sum(), question.statisticsShape()),
        arena.of(dtype, queries, inputs.dOut),
        arena.empty(dtype, queries),
        arena.empty(dtype, keys),
        arena.empty(dtype, keys)
      };
      try (TensorArena scratch = arena.child("scratch")) {
        attention.forward(question, x, scratch);
        attention.backward(question, x, scratch);
      }
      return new double[][] {
        doubles(x[3], arena),
        doubles(x[4], arena),
        doubles(x[6], arena),
        doubles(x[7], arena),
        doubles(x[8], arena)
      };
    }
  }

  private static double[] doubles(Tensor x, TensorArena arena) {
    Tensor copy = arena.empty(DType.F64, x.shape());
    arena.device().backend().cast(x, copy);
    return copy.toDoubles();
  }

  private static Attention definition(FusedKernels kernels) {
    return new Attention() {
      @Override
      public void forward(Question question, Tensor[] x, TensorArena scratch) {
        kernels.attention(
            question.config,
            question.segments,
            question.queryRows,
            x[0],
            x[1],
            x[2],
            x[3],
            x[4],
            scratch);
      }

      @Override
      public void backward(Question question, Tensor[] x, TensorArena scratch) {
        kernels.attentionBackward(
            question.config,
            question.segments,
            question.queryRows,
            x[0],
            x[1],
            x[2],
            x[3],
            x[4],
            x[5],
            x[6],
            x[7],
            x[8],
            scratch);
      }
    };
  }

  private static Attention version(CudaAttention attention) {
    return new Attention() {
      @Override
      public void forward(Question question, Tensor[] x, TensorArena scratch) {
        attention.forward(
            question.config, question.segments, question.queryRows, x[0], x[1], x[2], x[3], x[4]);
      }

      @Override
      public void backward(Question question, Tensor[] x, TensorArena scratch) {
        attention.backward(
            question.config,
            question.segments,
            question.queryRows,
            x[0],
            x[1],
            x[2],
            x[3],
            x[4],
            x[5],
            x[6],
            x[7],
            x[8],
            scratch);
      }
    };
  }

  @Override
  public void close() {
    versions.forEach(CudaAttention::close);
    gpu.close();
    exact.close();
  }
}
