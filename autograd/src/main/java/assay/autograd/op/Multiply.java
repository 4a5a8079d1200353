package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = a b, element by element. */
public record Multiply() implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (!in[0].equals(in[1])) {
      throw misfit("two equal shapes", in);
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

  /** da = dy b and db = dy a. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor[] gradients = new Tensor[2];
    for (int i = 0; i < 2; i++) {
      if (saved.wantsGradient(i)) {
        gradients[i] = saved.empty(dy.shape());
        saved.device().backend().binary(BinaryKind.MULTIPLY, dy, saved.get(1 - i), gradients[i]);
      }
    }
    return gradients;
  }
}
