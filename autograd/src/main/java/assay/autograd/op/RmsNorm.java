package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * y = x r (weight + weightOffset), r = 1 / sqrt(mean(x^2) + epsilon) of each row (Zhang and
 * Sennrich 2019, eq. 4). x {@code [T, dim]}, weight {@code [dim]}.
 *
 * @param weightOffset 1 for Gemma, else 0
 */
public record RmsNorm(double epsilon, double weightOffset) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (in[1].numDims() != 1 || in[0].dim(-1) != in[1].dim(0)) {
      throw misfit("[T, dim] and [dim]", in);
    }
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    Tensor inverseRms = saved.empty(in[0].dtype().sum(), Shape.of(in[0].numRows(), 1));
    saved.kernels().rmsNorm(in[0], in[1], weightOffset, epsilon, y, inverseRms, saved.scratch());
    saved.keep(in[0], in[1], inverseRms);
    return y;
  }

  /** With g = dy (weight + weightOffset): dx = r g - x r^3 mean(g x); dWeight = sum of dy x r. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor x = saved.get(0);
    Tensor weight = saved.get(1);
    Tensor dx = saved.empty(dy.shape());
    Tensor dWeight = saved.wantsGradient(1) ? weightGradient(saved, 1) : null;
    saved
        .kernels()
        .rmsNormBackward(x, weight, weightOffset, saved.get(2), dy, dx, dWeight, saved.scratch());
    return new Tensor[] {dx, dWeight};
  }

  /** What the gradient of the weight, input i, is added to: what it has already, or zeros. */
  static Tensor weightGradient(Saved saved, int i) {
    Tensor gradient = saved.accumulator(i);
    if (gradient == null) {
      gradient = saved.empty(saved.get(0).dtype().sum(), saved.inputShape(i));
      saved.device().backend().fill(gradient, 0);
    }
    return gradient;
  }
}
