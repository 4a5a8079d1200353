package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * Rotary position embedding (Su et al. 2021, eq. 34): each head's columns (x1, x2) are rotated by
 * the angle of their row and column pair. x {@code [T, heads * headDim]}.
 *
 * @param cos {@code [T, headDim / 2]}, of the dtype that sums of x's are kept in
 * @param sin like cos
 */
public record Rope(Tensor cos, Tensor sin, int headDim) implements Op {
  @Override
  public Shape infer(Shape... in) {
    Shape angles = Shape.of(in[0].dim(0), headDim / 2);
    if (headDim % 2 != 0
        || in[0].dim(1) % headDim != 0
        || !cos.shape().equals(angles)
        || !sin.shape().equals(angles)) {
      throw misfit(
          "[T, heads * " + headDim + "] with angles [T, " + headDim / 2 + "], not " + cos.shape(),
          in);
    }
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    saved.kernels().rope(in[0], cos, sin, headDim, false, y, saved.scratch());
    return y;
  }

  /** dx = dy rotated back. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor dx = saved.empty(dy.shape());
    saved.kernels().rope(dy, cos, sin, headDim, true, dx, saved.scratch());
    return new Tensor[] {dx};
  }
}
