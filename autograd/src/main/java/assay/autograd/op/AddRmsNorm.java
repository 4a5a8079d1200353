package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * A residual connection and the norm behind it, in one pass over memory: s = a + b, y = s r (weight
 * + weightOffset) as in {@link RmsNorm}. a and b {@code [T, dim]}, weight {@code [dim]}. The first
 * output is y, the other s.
 *
 * @param weightOffset 1 for Gemma, else 0
 */
public record AddRmsNorm(double epsilon, double weightOffset) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (!in[0].equals(in[1]) || in[2].numDims() != 1 || in[0].dim(-1) != in[2].dim(0)) {
      throw misfit("two of [T, dim] and [dim]", in);
    }
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    Tensor sum = saved.otherOutput(in[0].shape());
    Tensor inverseRms = saved.empty(in[0].dtype().sum(), Shape.of(in[0].numRows(), 1));
    saved
        .kernels()
        .addRmsNorm(
            in[0], in[1], in[2], weightOffset, epsilon, sum, y, inverseRms, saved.scratch());
    saved.keep(sum, in[2], inverseRms);
    return y;
  }

  /** da = db = ds + what the norm's backward gives for s; see {@link RmsNorm}. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor sum = saved.get(0);
    Tensor weight = saved.get(1);
    Tensor dx = saved.empty(dy.shape());
    Tensor dWeight = saved.wantsGradient(2) ? RmsNorm.weightGradient(saved, 2) : null;
    saved
        .kernels()
        .addRmsNormBackward(
            sum,
            weight,
            weightOffset,
            saved.get(2),
            dy,
            saved.otherGradient(0),
            dx,
            dWeight,
            saved.scratch());
    return new Tensor[] {dx, dx, dWeight};
  }
}
