package assay.nn;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;

/**
 * A trained tensor of a model, under the name that checkpoints know it by.
 *
 * <p>In training in BF16 it is kept in two halves: the network computes with {@link #value}, and
 * with {@link #low} that is an F32, which the optimizer updates.
 */
public final class Parameter {
  private final String name;
  private final Tensor value;
  private final Tensor low;
  private final Tensor gradient;

  Parameter(String name, Tensor value, Tensor low, Tensor gradient) {
    this.name = name;
    this.value = value;
    this.low = low;
    this.gradient = gradient;
  }

  /** For example {@code model.layers.0.self_attn.q_proj.weight}. */
  public String name() {
    return name;
  }

  public Shape shape() {
    return value.shape();
  }

  /** What the network computes with: F32 or BF16. */
  public Tensor value() {
    return value;
  }

  /** The I16 lower halves of F32 weights whose upper halves are the value; else null. */
  public Tensor low() {
    return low;
  }

  /** What backward adds to, F32, of the value's shape; null in a model that is not trained. */
  public Tensor gradient() {
    return gradient;
  }

  /**
   * The weights in F32: the value itself, or new in the arena, from both halves if there are two.
   */
  public Tensor toFloat32(TensorArena arena) {
    if (value.dtype() == DType.F32) {
      return value;
    }
    Tensor weights = arena.empty(DType.F32, shape());
    if (low != null) {
      arena.device().kernels().joinWeights(value, low, weights);
    } else {
      arena.device().backend().cast(value, weights);
    }
    return weights;
  }

  /** Sets the weights from F32 of the same shape. */
  public void set(Tensor weights) {
    set(weights, 0, shape().size());
  }

  /**
   * Sets a run of the weights, in row-major order.
   *
   * @param weights F32, as many as the run is long
   */
  public void set(Tensor weights, long start, long length) {
    Tensor to = run(value, start, length);
    if (low != null) {
      value.device().kernels().splitWeights(weights, to, run(low, start, length));
    } else if (to.dtype() == DType.F32) {
      value.device().backend().unary(UnaryKind.COPY, weights.reshape((int) length), to);
    } else {
      value.device().backend().cast(weights, to);
    }
  }

  private static Tensor run(Tensor x, long start, long length) {
    int from = Math.toIntExact(start);
    return x.reshape(Math.toIntExact(x.size())).rows(from, from + Math.toIntExact(length));
  }

  /** Weight decay is for matrices: norm weights and biases, which have one dimension, go free. */
  public boolean decays() {
    return shape().numDims() > 1;
  }

  /** This parameter as a leaf of a tape. */
  public Variable on(Tape tape) {
    return gradient == null ? tape.constant(value) : tape.leaf(value, gradient);
  }

  @Override
  public String toString() {
    return name + " " + shape();
  }
}
