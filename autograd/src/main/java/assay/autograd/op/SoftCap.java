package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.UnaryKind;

/**
 * y = c tanh(x / c): x where it is small, and never beyond c (Gemma 2's logits; Gemma Team 2024,
 * section 2).
 */
public record SoftCap(double cap) implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    saved.kernels().binaryScalar(BinaryKind.DIVIDE, in[0], cap, y, saved.scratch());
    saved.device().backend().unary(UnaryKind.TANH, y, y);
    saved.kernels().binaryScalar(BinaryKind.MULTIPLY, y, cap, y, saved.scratch());
    saved.keep(y);
    return y;
  }

  /** dx = dy (1 - (y / c)^2). */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor y = saved.get(0);
    Tensor dx = saved.empty(y.shape());
    saved.device().backend().binary(BinaryKind.MULTIPLY, y, y, dx);
    saved.kernels().binaryScalar(BinaryKind.DIVIDE, dx, -cap * cap, dx, saved.scratch());
    saved.kernels().binaryScalar(BinaryKind.ADD, dx, 1, dx, saved.scratch());
    saved.device().backend().binary(BinaryKind.MULTIPLY, dx, dy, dx);
    return new Tensor[] {dx};
  }
}
