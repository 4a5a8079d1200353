package assay.nn;

import assay.autograd.GradientSink;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;

/**
 * A trained tensor of a model, under the name that checkpoints know it by.
 *
 * <p>In training in BF16 it is kept in two halves: the network computes with the upper one, its
 * value, and with the lower half that is an F32, which the optimizer updates.
 *
 * <p>Of a model that is spread over several ranks only some rows may lie here; see {@link
 * Placement}.
 */
public final class Parameter {
  private final String name;
  private final Shape shape;
  private final Placement placement;
  private final ShardedTensor values;
  private final ShardedTensor lowHalves; // or null
  private final ShardedTensor gradients; // or null
  private final GradientSink sink;

  Parameter(
      String name,
      Shape shape,
      Placement placement,
      ShardedTensor values,
      ShardedTensor lowHalves,
      ShardedTensor gradients) {
    this.name = name;
    this.shape = shape;
    this.placement = placement;
    this.values = values;
    this.lowHalves = lowHalves;
    this.gradients = gradients;
    this.sink = gradients == null ? null : placement.sink(this);
  }

  /** For example {@code model.layers.0.self_attn.q_proj.weight}. */
  public String name() {
    return name;
  }

  /** Of the whole parameter, wherever its rows lie. */
  public Shape shape() {
    return shape;
  }

  /** What the network computes in: F32 or BF16. */
  public DType dtype() {
    return values.padded().dtype();
  }

  public Device device() {
    return values.padded().device();
  }

  /** Weight decay is for matrices: norm weights and biases, which have one dimension, go free. */
  public boolean decays() {
    return shape.numDims() > 1;
  }

  /** The rows that are updated here. */
  public Placement.Rows ownRows() {
    return placement.ownRows(shape);
  }

  /** What the network computes with: F32 or BF16. */
  public ShardedTensor values() {
    return values;
  }

  /** The I16 lower halves of F32 weights whose upper halves are the values; else null. */
  public ShardedTensor lowHalves() {
    return lowHalves;
  }

  /** What backwards add up to, F32; null in a model that is not trained. */
  public ShardedTensor gradients() {
    return gradients;
  }

  /**
   * All values, of the parameter's shape.
   *
   * @throws IllegalStateException if they do not all lie here
   */
  public Tensor value() {
    return values.whole();
  }

  /** All gradients; null in a model that is not trained. As {@link #value}. */
  public Tensor gradient() {
    return gradients == null ? null : gradients.whole();
  }

  /** Takes each backward's gradient; null in a model that is not trained. */
  public GradientSink sink() {
    return sink;
  }

  /** This parameter as a leaf of a tape. */
  public Variable on(Tape tape) {
    return placement.leaf(tape, this);
  }

  /**
   * The weights in F32, from both halves if there are two: those that lie here, or new in the
   * arena. If this is spread over ranks, all of them must ask.
   */
  public Tensor toFloat32(TensorArena arena) {
    if (values.hasAllRows() && dtype() == DType.F32) {
      return value();
    }
    if (values.hasAllRows() && lowHalves == null) {
      Tensor weights = arena.empty(DType.F32, shape);
      device().backend().cast(value(), weights);
      return weights;
    }
    int[] dims = shape.toArray();
    dims[0] = ownRows().capacity();
    Tensor own = arena.zeros(DType.F32, Shape.of(dims));
    ownToFloat32(own.rows(0, ownRows().count()));
    return placement.gather(arena, this, own);
  }

  /**
   * The weights that are updated here, in F32.
   *
   * @param weights F32, of the own rows' shape
   */
  public void ownToFloat32(Tensor weights) {
    if (weights.size() == 0) {
      return;
    }
    if (lowHalves != null) {
      device().kernels().joinWeights(values.own(), lowHalves.own(), weights);
    } else if (dtype() == DType.F32) {
      device().backend().unary(UnaryKind.COPY, values.own(), weights);
    } else {
      device().backend().cast(values.own(), weights);
    }
  }

  /** Sets the weights, as far as they lie here, from F32 of the same shape. */
  public void set(Tensor weights) {
    set(weights, 0);
  }

  /**
   * Sets some rows of the weights, as far as they lie here.
   *
   * @param weights F32 {@code [rows, ...]}
   * @param firstRow where these begin in the parameter
   */
  public void set(Tensor weights, int firstRow) {
    int from = Math.max(firstRow, values.firstRow());
    int to = Math.min(firstRow + weights.dim(0), values.endRow());
    if (lowHalves == null) {
      setValues(weights, firstRow, from, to);
      return;
    }
    int ownFrom = Math.clamp(lowHalves.firstRow(), from, Math.max(from, to));
    int ownTo = Math.clamp(lowHalves.endRow(), from, Math.max(from, to));
    setHalves(weights, firstRow, from, ownFrom, false);
    setHalves(weights, firstRow, ownFrom, ownTo, true);
    setHalves(weights, firstRow, ownTo, to, false);
  }

  private void setValues(Tensor weights, int firstRow, int from, int to) {
    if (from < to) {
      Tensor source = weights.rows(from - firstRow, to - firstRow);
      if (dtype() == DType.F32) {
        device().backend().unary(UnaryKind.COPY, source, values.rows(from, to));
      } else {
        device().backend().cast(source, values.rows(from, to));
      }
    }
  }

  /** Other ranks have the lower halves of the rows that are not updated here. */
  private void setHalves(Tensor weights, int firstRow, int from, int to, boolean areOwn) {
    if (from < to) {
      Tensor source = weights.rows(from - firstRow, to - firstRow);
      try (TensorArena scratch = TensorArena.open(device(), "scratch")) {
        Tensor low = areOwn ? lowHalves.rows(from, to) : scratch.empty(DType.I16, source.shape());
        device().kernels().splitWeights(source, values.rows(from, to), low);
      }
    }
  }

  @Override
  public String toString() {
    return name + " " + shape;
  }
}
