package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = softmax(x) over the last dimension. */
public record Softmax() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    saved.kernels().softmax(in[0], y, saved.scratch());
    saved.keep(y);
    return y;
  }

  /** dx = y (dy - sum_j dy_j y_j). */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor dx = saved.empty(dy.shape());
    saved.kernels().softmaxBackward(saved.get(0), dy, dx, saved.scratch());
    return new Tensor[] {dx};
  }
}
