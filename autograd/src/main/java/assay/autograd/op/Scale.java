package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = factor x. */
public record Scale(double factor) implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    return scale(saved, in[0]);
  }

  /** dx = factor dy. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    return new Tensor[] {scale(saved, dy)};
  }

  private Tensor scale(Saved saved, Tensor x) {
    Tensor y = saved.empty(x.shape());
    saved.kernels().binaryScalar(BinaryKind.MULTIPLY, x, factor, y, saved.scratch());
    return y;
  }
}
