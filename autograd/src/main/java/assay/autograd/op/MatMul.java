package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * y = a b, or y = a b^T, which is how a linear layer uses its weight {@code [out, in]}.
 *
 * <p>a {@code [M, K]}, b {@code [K, N]} (or {@code [N, K]}), y {@code [M, N]}.
 */
public record MatMul(boolean transposeB) implements Op {
  @Override
  public Shape infer(Shape... in) {
    int k = in[1].dim(transposeB ? 1 : 0);
    if (in[0].numDims() != 2 || in[1].numDims() != 2 || in[0].dim(1) != k) {
      throw misfit(transposeB ? "[M, K] and [N, K]" : "[M, K] and [K, N]", in);
    }
    return Shape.of(in[0].dim(0), in[1].dim(transposeB ? 0 : 1));
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    saved.keep(in[0], in[1]);
    Tensor y = saved.output();
    saved.device().backend().matmul(in[0], false, in[1], transposeB, 1, 0, y);
    return y;
  }

  /** da = dy b^T and db = a^T dy; with a transposed b: da = dy b and db = dy^T a. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor a = saved.get(0);
    Tensor b = saved.get(1);
    Tensor da = null;
    Tensor db = null;
    if (saved.wantsGradient(0)) {
      da = addProduct(saved, 0, dy, false, b, !transposeB);
    }
    if (saved.wantsGradient(1)) {
      db =
          transposeB
              ? addProduct(saved, 1, dy, true, a, false)
              : addProduct(saved, 1, a, true, dy, false);
    }
    return new Tensor[] {da, db};
  }

  private static Tensor addProduct(
      Saved saved, int input, Tensor left, boolean transposeLeft, Tensor right, boolean transpose) {
    Tensor before = saved.accumulator(input);
    Tensor gradient = before != null ? before : saved.gradient(input);
    saved
        .device()
        .backend()
        .matmul(left, transposeLeft, right, transpose, 1, before != null ? 1 : 0, gradient);
    return gradient;
  }
}
