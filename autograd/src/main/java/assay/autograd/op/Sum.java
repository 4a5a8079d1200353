package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.ReduceKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = the sum of all elements of x, {@code [1]}. */
public record Sum() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return Shape.of(1);
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    Tensor line = in[0].reshape(1, Math.toIntExact(in[0].size()));
    saved.device().backend().reduce(ReduceKind.SUM, line, 1, y);
    return y;
  }

  /** dx_i = dy. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor dx = saved.empty(saved.inputShape(0));
    saved.device().backend().fill(dx, 0);
    saved.device().backend().binary(BinaryKind.ADD, dx, dy, dx);
    return new Tensor[] {dx};
  }
}
