package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * y_i = x_{rows_i}: an embedding, where x is the table and the rows are token ids, or the rows that
 * scores are read at. x {@code [V, dim]}, y {@code [rows, dim]}.
 *
 * @param rows I32; may repeat
 */
public record GatherRows(Tensor rows) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (in[0].numDims() != 2) {
      throw misfit("[V, dim]", in);
    }
    return Shape.of(Math.toIntExact(rows.size()), in[0].dim(1));
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    saved.device().backend().gather(in[0], rows, y);
    return y;
  }

  /** dx_r = the sum of dy_i over all i with rows_i = r. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    if (saved.handRows(0, rows, dy)) {
      return new Tensor[] {null};
    }
    Tensor dx = saved.accumulator(0);
    if (dx == null) {
      dx = saved.gradient(0);
      saved.device().backend().fill(dx, 0);
    }
    saved.device().backend().scatterAdd(dy, rows, dx);
    return new Tensor[] {dx};
  }
}
