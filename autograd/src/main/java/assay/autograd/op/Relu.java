package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = max(x, 0), element by element. */
public record Relu() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor zero = saved.scratch().zeros(in[0].dtype(), 1);
    Tensor y = saved.output();
    saved.device().backend().binary(BinaryKind.MAXIMUM, in[0], zero, y);
    saved.keep(y);
    return y;
  }

  /** dx = dy where y is positive, else 0. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor y = saved.get(0);
    Tensor zeros = saved.scratch().zeros(y.dtype(), y.shape());
    Tensor positive = saved.scratch().empty(y.dtype(), y.shape());
    saved.device().backend().binary(BinaryKind.LESS, zeros, y, positive);
    Tensor dx = saved.empty(dy.shape());
    saved.device().backend().where(positive, dy, zeros, dx);
    return new Tensor[] {dx};
  }
}
