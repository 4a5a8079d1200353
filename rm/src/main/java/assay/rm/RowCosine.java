package assay.rm;

import assay.autograd.CustomOp;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * How far two vectors are from orthogonal: y = w |a . b| / (|a| |b|). The vectors are the rows of
 * {@code [2, n]}. Computed in F64 on the host: two rows of a head.
 *
 * @param weight w
 */
record RowCosine(double weight) implements CustomOp {
  @Override
  public Shape infer(Shape... in) {
    if (in[0].numDims() != 2 || in[0].dim(0) != 2) {
      throw misfit("[2, n]", in);
    }
    return Shape.of(1);
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    saved.keep(in[0]);
    double cosine = cosine(HostNumbers.read(saved, in[0]));
    return HostNumbers.write(saved, saved.output(), weight * Math.abs(cosine));
  }

  /** With c the cosine: dc/da = b / (|a| |b|) - c a / |a|^2, and the same for b. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    double[] rows = HostNumbers.read(saved, saved.get(0));
    double cosine = cosine(rows);
    double scale = weight * Math.signum(cosine) * HostNumbers.read(saved, dy)[0];
    int n = rows.length / 2;
    double a2 = dot(rows, 0, 0);
    double b2 = dot(rows, n, n);
    double norms = Math.sqrt(a2 * b2);
    double[] gradient = new double[rows.length];
    for (int i = 0; i < n && norms > 0; i++) {
      gradient[i] = scale * (rows[n + i] / norms - cosine * rows[i] / a2);
      gradient[n + i] = scale * (rows[i] / norms - cosine * rows[n + i] / b2);
    }
    return new Tensor[] {HostNumbers.write(saved, saved.empty(saved.inputShape(0)), gradient)};
  }

  /** 0 if a row is. */
  private static double cosine(double[] rows) {
    int n = rows.length / 2;
    double norms = Math.sqrt(dot(rows, 0, 0) * dot(rows, n, n));
    return norms == 0 ? 0 : dot(rows, 0, n) / norms;
  }

  private static double dot(double[] x, int from, int other) {
    double sum = 0;
    for (int i = 0; i < x.length / 2; i++) {
      sum += x[from + i] * x[other + i];
    }
    return sum;
  }
}
