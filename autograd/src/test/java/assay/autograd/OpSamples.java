package assay.autograd;

import assay.autograd.op.Add;
import assay.autograd.op.AddRmsNorm;
import assay.autograd.op.Attention;
import assay.autograd.op.Cast;
import assay.autograd.op.Checkpoint;
import assay.autograd.op.CrossEntropy;
import assay.autograd.op.Dropout;
import assay.autograd.op.GatedActivation;
import assay.autograd.op.GatherRows;
import assay.autograd.op.MatMul;
import assay.autograd.op.Multiply;
import assay.autograd.op.MultiplyByScalar;
import assay.autograd.op.Relu;
import assay.autograd.op.Reshape;
import assay.autograd.op.RmsNorm;
import assay.autograd.op.Rope;
import assay.autograd.op.Scale;
import assay.autograd.op.SoftCap;
import assay.autograd.op.Softmax;
import assay.autograd.op.Sum;
import assay.tensor.ActivationKind;
import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Segments;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Random applications of every op, for the contract test. */
final class OpSamples {
  /** Larger than a model's: rows near zero would be curved too much for finite differences. */
  private static final double NORM_EPSILON = 1e-2;

  /** An op with inputs that fit it. */
  record Sample(Op op, List<GradCheck.Input> inputs) {
    Shape outputShape() {
      return op.infer(inputs.stream().map(GradCheck.Input::shape).toArray(Shape[]::new));
    }
  }

  private final Random random;
  private final TensorArena arena;
  private final DType dtype;

  /**
   * @param arena holds the tensors that are components of ops, of this dtype
   */
  OpSamples(long seed, TensorArena arena, DType dtype) {
    this.random = new Random(seed);
    this.arena = arena;
    this.dtype = dtype;
  }

  /** A sample of this kind of op; an op without one fails the contract test. */
  Sample of(Class<?> kind) {
    int t = size(6);
    int dim = size(7);
    return switch (kind.getSimpleName()) {
      case "Add" ->
          random.nextBoolean()
              ? sample(new Add(), Shape.of(t, dim), Shape.of(t, dim))
              : sample(new Add(), Shape.of(t, dim), Shape.of(dim));
      case "AddRmsNorm" ->
          sample(
              new AddRmsNorm(NORM_EPSILON, random.nextInt(2)),
              Shape.of(t, dim),
              Shape.of(t, dim),
              Shape.of(dim));
      case "MultiplyByScalar" -> sample(new MultiplyByScalar(), Shape.of(t, dim), Shape.of(1));
      case "Dropout" -> sample(new Dropout(0.3, random.nextLong()), Shape.of(t, dim));
      case "Relu" -> relu(Shape.of(t, dim));
      case "Multiply" -> sample(new Multiply(), Shape.of(t, dim), Shape.of(t, dim));
      case "Scale" -> sample(new Scale(random.nextGaussian()), Shape.of(t, dim));
      case "Cast" -> sample(new Cast(DType.F64), Shape.of(t, dim));
      case "Sum" -> sample(new Sum(), Shape.of(t, dim));
      case "Softmax" -> sample(new Softmax(), Shape.of(t, dim));
      case "SoftCap" -> sample(new SoftCap(size(4)), Shape.of(t, dim));
      case "CrossEntropy" -> sample(new CrossEntropy(rows(t, dim)), Shape.of(t, dim));
      case "MatMul" -> {
        int n = size(6);
        boolean transpose = random.nextBoolean();
        yield sample(
            new MatMul(transpose),
            Shape.of(t, dim),
            transpose ? Shape.of(n, dim) : Shape.of(dim, n));
      }
      case "RmsNorm" ->
          sample(new RmsNorm(NORM_EPSILON, random.nextInt(2)), Shape.of(t, dim), Shape.of(dim));
      case "GatedActivation" -> {
        ActivationKind activation =
            ActivationKind.values()[random.nextInt(ActivationKind.values().length)];
        yield sample(new GatedActivation(activation), Shape.of(t, dim), Shape.of(t, dim));
      }
      case "GatherRows" -> sample(new GatherRows(rows(size(8), t)), Shape.of(t, dim));
      case "Reshape" -> sample(new Reshape(Shape.of(dim, t)), Shape.of(t, dim));
      case "Rope" -> rope(t);
      case "Attention" -> attention();
      case "Checkpoint" -> checkpoint(t, dim);
      default -> throw new AssertionError("no sample for op " + kind.getName());
    };
  }

  /** Away from 0, where there is no derivative. */
  private Sample relu(Shape shape) {
    double[] values = gaussians(Math.toIntExact(shape.size()));
    Arrays.setAll(values, i -> values[i] + Math.signum(values[i]) / 8);
    return new Sample(new Relu(), List.of(new GradCheck.Input(shape, values, true)));
  }

  private Sample rope(int t) {
    int headDim = 2 * size(4);
    Tensor cos = angles(t, headDim / 2);
    Tensor sin = angles(t, headDim / 2);
    return sample(new Rope(cos, sin, headDim), Shape.of(t, size(3) * headDim));
  }

  private Tensor angles(int t, int half) {
    double[] values = random.doubles((long) t * half, -1, 1).toArray();
    return arena.of(dtype.sum(), Shape.of(t, half), values);
  }

  private Sample attention() {
    Segments segments = forest();
    int keyHeads = size(2);
    int headDim = size(5);
    AttentionConfig config =
        new AttentionConfig(
            keyHeads * size(3),
            keyHeads,
            headDim,
            1 / Math.sqrt(headDim),
            random.nextBoolean() ? 0 : 2,
            random.nextBoolean() ? 0 : size(5));
    int[] queryRows = random.nextBoolean() ? null : someRows(segments.numRows());
    int numQueries = queryRows == null ? segments.numRows() : queryRows.length;
    Shape keys = Shape.of(segments.numRows(), keyHeads * headDim);
    return sample(
        new Attention(config, segments, queryRows),
        Shape.of(numQueries, config.numHeads() * headDim),
        keys,
        keys);
  }

  /** Up to five segments, each a root or a child of one before it. */
  Segments forest() {
    int count = size(5);
    int[] lengths = new int[count];
    int[] parents = new int[count];
    for (int s = 0; s < count; s++) {
      lengths[s] = size(5);
      parents[s] = random.nextInt(s + 1) - 1;
    }
    return Segments.of(lengths, parents);
  }

  private int[] someRows(int limit) {
    int[] rows = random.ints(size(4), 0, limit).distinct().toArray();
    Arrays.sort(rows);
    return rows;
  }

  /** Rms norm, then a square weight, then softmax: three ops, two of them with saved outputs. */
  private Sample checkpoint(int t, int dim) {
    Tensor weight = arena.of(dtype, Shape.of(dim, dim), gaussians(dim * dim));
    Tensor norm = arena.of(dtype, Shape.of(dim), gaussians(dim));
    return sample(
        new Checkpoint(
            x ->
                x.apply(new RmsNorm(1e-5, 0), x.tape().constant(norm))
                    .apply(new MatMul(true), x.tape().constant(weight))
                    .apply(new Softmax())
                    .apply(new Add(), x)),
        Shape.of(t, dim));
  }

  private Tensor rows(int count, int limit) {
    return arena.ints(random.ints(count, 0, limit).toArray());
  }

  private Sample sample(Op op, Shape... shapes) {
    List<GradCheck.Input> inputs = new ArrayList<>();
    for (Shape shape : shapes) {
      inputs.add(new GradCheck.Input(shape, gaussians(Math.toIntExact(shape.size())), true));
    }
    return new Sample(op, inputs);
  }

  /** Values that all dtypes hold: each is cut off to the 8 bits of a BF16. */
  double[] gaussians(int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> inEveryDType(random.nextGaussian()));
    return values;
  }

  private static double inEveryDType(double value) {
    return Float.intBitsToFloat(Float.floatToIntBits((float) value) & 0xffff0000);
  }

  private int size(int largest) {
    return 1 + random.nextInt(largest);
  }
}
