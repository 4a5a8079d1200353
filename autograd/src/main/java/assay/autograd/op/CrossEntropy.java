package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * The negative log-likelihood of one class a row: y_r = log(sum_j exp(x_rj)) - x_r[target_r]. x
 * {@code [R, V]}, y {@code [R, 1]}.
 *
 * @param targets I32 {@code [R]}, each in [0, V): the token that should come next
 */
public record CrossEntropy(Tensor targets) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (in[0].numDims() != 2 || in[0].dim(0) != targets.size()) {
      throw misfit("[" + targets.size() + ", V]", in);
    }
    return Shape.of(in[0].dim(0), 1);
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    Tensor logSumExp = saved.empty(y.shape());
    saved.kernels().crossEntropy(in[0], targets, y, logSumExp, saved.scratch());
    saved.keep(in[0], logSumExp);
    return y;
  }

  /** dx_rj = (softmax(x_r)_j - [j = target_r]) dy_r. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor x = saved.get(0);
    Tensor dx = saved.empty(x.shape());
    saved.kernels().crossEntropyBackward(x, targets, saved.get(1), dy, dx, saved.scratch());
    return new Tensor[] {dx};
  }
}
