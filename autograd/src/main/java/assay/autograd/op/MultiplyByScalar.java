package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.ReduceKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = s x for a trained number s {@code [1]}; the inputs are x, s. */
public record MultiplyByScalar() implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (!in[1].equals(Shape.of(1))) {
      throw misfit("any shape and [1]", in);
    }
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    saved.keep(in[0], in[1]);
    Tensor y = saved.output();
    saved.device().backend().binary(BinaryKind.MULTIPLY, in[0], in[1], y);
    return y;
  }

  /** dx = s dy and ds = the sum of x dy. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor x = saved.get(0);
    Tensor dx = saved.empty(dy.shape());
    saved.device().backend().binary(BinaryKind.MULTIPLY, dy, saved.get(1), dx);
    Tensor products = saved.scratch().empty(x.dtype(), x.shape());
    saved.device().backend().binary(BinaryKind.MULTIPLY, x, dy, products);
    Tensor ds = saved.gradient(1);
    Tensor line = products.reshape(1, Math.toIntExact(products.size()));
    saved.device().backend().reduce(ReduceKind.SUM, line, 1, ds);
    return new Tensor[] {dx, ds};
  }
}
