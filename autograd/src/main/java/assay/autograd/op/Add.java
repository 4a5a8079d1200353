package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.BinaryKind;
import assay.tensor.ReduceKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = a + b; b has a's shape, or is one row {@code [dim]} (a bias) added to every row. */
public record Add() implements Op {
  @Override
  public Shape infer(Shape... in) {
    boolean bias = in[1].numDims() == 1 && in[1].dim(0) == in[0].dim(-1);
    if (!bias && !in[0].equals(in[1])) {
      throw misfit("two equal shapes, or [T, dim] and [dim]", in);
    }
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    saved.device().backend().binary(BinaryKind.ADD, in[0], in[1], y);
    return y;
  }

  /** da = dy; db = dy, summed over the rows for a bias. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor db = dy;
    if (!saved.inputShape(1).equals(dy.shape()) && saved.wantsGradient(1)) {
      db = saved.empty(dy.dtype().sum(), saved.inputShape(1));
      saved.device().backend().reduce(ReduceKind.SUM, dy, 0, db);
    }
    return new Tensor[] {dy, saved.wantsGradient(1) ? db : null};
  }
}
