package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** The same numbers under another shape; no memory is moved. */
public record Reshape(Shape shape) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (in[0].size() != shape.size()) {
      throw misfit("as many elements as " + shape, in);
    }
    return shape;
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    return in[0].reshape(shape.toArray());
  }

  /** dx = dy in x's shape. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    return new Tensor[] {dy.reshape(saved.inputShape(0).toArray())};
  }
}
