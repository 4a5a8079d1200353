package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.RandomKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/**
 * Each element becomes 0 with some probability p, and is divided by 1 - p otherwise, so that its
 * mean stays (Srivastava et al. 2014, in the form that leaves scoring alone).
 *
 * @param probability p, in [0, 1)
 * @param seed decides which elements
 */
public record Dropout(double probability, long seed) implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor mask = mask(saved, in[0]);
    Tensor y = saved.output();
    saved.device().backend().binary(BinaryKind.MULTIPLY, in[0], mask, y);
    saved.keep(mask);
    return y;
  }

  /** 0 or 1 / (1 - p), of the shape of x. */
  private Tensor mask(Saved saved, Tensor x) {
    TensorArena scratch = saved.scratch();
    Tensor uniform = scratch.empty(x.dtype(), x.shape());
    saved.device().backend().random(RandomKind.UNIFORM, seed, uniform);
    Tensor p = scratch.of(x.dtype(), Shape.of(1), probability);
    Tensor dropped = scratch.empty(x.dtype(), x.shape());
    saved.device().backend().binary(BinaryKind.LESS, uniform, p, dropped);
    Tensor kept = scratch.of(x.dtype(), Shape.of(1), 1 / (1 - probability));
    Tensor zeros = scratch.zeros(x.dtype(), x.shape());
    Tensor mask = saved.empty(x.shape());
    saved.device().backend().where(dropped, zeros, kept, mask);
    return mask;
  }

  /** dx = dy mask. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor dx = saved.empty(dy.shape());
    saved.device().backend().binary(BinaryKind.MULTIPLY, dy, saved.get(0), dx);
    return new Tensor[] {dx};
  }
}
