package assay.nn;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** A trained tensor of a model, under the name that checkpoints know it by. */
public final class Parameter {
  private final String name;
  private final Tensor value;
  private final Tensor gradient;

  Parameter(String name, Tensor value, Tensor gradient) {
    this.name = name;
    this.value = value;
    this.gradient = gradient;
  }

  /** For example {@code model.layers.0.self_attn.q_proj.weight}. */
  public String name() {
    return name;
  }

  public Shape shape() {
    return value.shape();
  }

  public Tensor value() {
    return value;
  }

  /** What backward adds to, of the value's shape; null in a model that is not trained. */
  public Tensor gradient() {
    return gradient;
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
