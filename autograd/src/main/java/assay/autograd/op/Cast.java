package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** The same numbers in another dtype, as far as it can hold them. */
public record Cast(DType to) implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.empty(to, in[0].shape());
    saved.device().backend().cast(in[0], y);
    return y;
  }

  /** dx = dy in x's dtype. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor dx = saved.empty(dy.shape());
    saved.device().backend().cast(dy, dx);
    return new Tensor[] {dx};
  }
}
