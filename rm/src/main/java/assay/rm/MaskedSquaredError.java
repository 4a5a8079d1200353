package assay.rm;

import assay.autograd.CustomOp;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * The mean squared error of predictions that have a label: y = 1/N sum over labels of (x -
 * label)^2.
 *
 * <p>Computed in F64 on the host: a few numbers a text. Predictions {@code [R, K]}.
 *
 * @param labels {@code [R * K]}; NaN where there is none
 * @param numLabels N, the labels of the whole batch, of which these may be a part
 */
record MaskedSquaredError(float[] labels, int numLabels) implements CustomOp {
  @Override
  public Shape infer(Shape... in) {
    if (in[0].numDims() != 2 || in[0].size() != labels.length) {
      throw misfit("predictions [R, K] of " + labels.length + " labels", in);
    }
    return Shape.of(1);
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    saved.keep(in[0]);
    double[] predictions = HostNumbers.read(saved, in[0]);
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      double error = predictions[i] - labels[i];
      sum += Float.isNaN(labels[i]) ? 0 : error * error;
    }
    return HostNumbers.write(saved, saved.output(), sum / numLabels);
  }

  /** dx = 2 (x - label) dy / N, and 0 without a label. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    double[] predictions = HostNumbers.read(saved, saved.get(0));
    double scale = 2 * HostNumbers.read(saved, dy)[0] / numLabels;
    double[] gradient = new double[predictions.length];
    for (int i = 0; i < labels.length; i++) {
      gradient[i] = Float.isNaN(labels[i]) ? 0 : scale * (predictions[i] - labels[i]);
    }
    return new Tensor[] {HostNumbers.write(saved, saved.empty(saved.inputShape(0)), gradient)};
  }
}
