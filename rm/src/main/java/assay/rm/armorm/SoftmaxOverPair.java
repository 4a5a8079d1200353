package assay.rm.armorm;

import assay.autograd.CustomOp;
import assay.autograd.Saved;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * For {@code compat: rlhflow} alone: the softmax that its training script takes, over the two sides
 * of a pair instead of over the objectives. x {@code [2 pairs, objectives]}: row 2i is the chosen,
 * row 2i + 1 the rejected side of pair i.
 *
 * <p>Both sides have the same prompt, so without dropout their logits are equal, every weight is
 * 1/2 whatever the network says, and its gradient is exactly 0.
 */
record SoftmaxOverPair() implements CustomOp {
  @Override
  public Shape infer(Shape... in) {
    if (in[0].numDims() != 2 || in[0].dim(0) % 2 != 0) {
      throw misfit("[2 pairs, objectives]", in);
    }
    return in[0];
  }

  /** y_chosen = 1 / (1 + exp(x_rejected - x_chosen)), y_rejected = 1 - y_chosen. */
  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    double[] x = toDoubles(saved, in[0]);
    double[] y = new double[x.length];
    int columns = in[0].numColumns();
    for (int i = 0; i < x.length; i++) {
      int other = partner(i, columns);
      y[i] = 1 / (1 + Math.exp(x[other] - x[i]));
    }
    Tensor out = saved.output();
    copy(saved, y, out);
    saved.keep(out);
    return out;
  }

  /** dx = y y' (dy - dy'), where ' is the other side. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    double[] y = toDoubles(saved, saved.get(0));
    double[] gradient = toDoubles(saved, dy);
    double[] result = new double[y.length];
    int columns = dy.numColumns();
    for (int i = 0; i < y.length; i++) {
      int other = partner(i, columns);
      result[i] = y[i] * y[other] * (gradient[i] - gradient[other]);
    }
    Tensor dx = saved.empty(dy.shape());
    copy(saved, result, dx);
    return new Tensor[] {dx};
  }

  private static int partner(int index, int columns) {
    return index / columns % 2 == 0 ? index + columns : index - columns;
  }

  private static double[] toDoubles(Saved saved, Tensor x) {
    Tensor exact = saved.scratch().empty(DType.F64, x.shape());
    saved.device().backend().cast(x, exact);
    return exact.toDoubles();
  }

  private static void copy(Saved saved, double[] values, Tensor out) {
    Tensor exact = saved.scratch().empty(DType.F64, out.shape()).copyFrom(values);
    saved.device().backend().cast(exact, out);
  }
}
