package assay.rm;

import assay.autograd.CustomOp;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import java.util.Arrays;

/**
 * The negative log-likelihood of the Bradley-Terry model (Bradley and Terry 1952; as a reward
 * model's loss Stiennon et al. 2020, eq. 1), with the margin of Llama 2 (Touvron et al. 2023, eq.
 * 2) and the centering term of Eisenstein et al. 2023:
 *
 * <p>y = 1/N sum over pairs of -t log sigmoid(d) - (1 - t) log sigmoid(-d) + c (r+ + r-)^2, with d
 * = r+ - r- - margin and the target t = 1. A neutral pair has t = 0.5 (Liu et al. 2024, RRM): its
 * loss is least where both rewards are the same.
 *
 * <p>Computed in F64: these are two numbers a pair. Rewards {@code [2 pairs, 1]}: row 2i is the
 * chosen, row 2i + 1 the rejected answer of pair i.
 *
 * @param margins one for each pair
 * @param targets t, one for each pair
 * @param centering c, the coefficient that keeps rewards near zero
 * @param numPairs N, the pairs of the whole batch, of which these may be a part
 */
public record BradleyTerryLoss(double[] margins, double[] targets, double centering, int numPairs)
    implements CustomOp {

  /** For pairs that all have a better answer. */
  public static BradleyTerryLoss labelled(double[] margins, double centering, int numPairs) {
    double[] targets = new double[margins.length];
    Arrays.fill(targets, 1);
    return new BradleyTerryLoss(margins, targets, centering, numPairs);
  }

  @Override
  public Shape infer(Shape... in) {
    if (!in[0].equals(Shape.of(2 * margins.length, 1))) {
      throw misfit("rewards [" + 2 * margins.length + ", 1]", in);
    }
    return Shape.of(1);
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    saved.keep(in[0]);
    double[] rewards = HostNumbers.read(saved, in[0]);
    double sum = 0;
    for (int i = 0; i < margins.length; i++) {
      double chosen = rewards[2 * i];
      double rejected = rewards[2 * i + 1];
      double total = chosen + rejected;
      double loss = crossEntropy(chosen - rejected - margins[i], targets[i]);
      sum += loss + centering * total * total;
    }
    return HostNumbers.write(saved, saved.output(), sum / numPairs);
  }

  /** -t log sigmoid(d) - (1 - t) log sigmoid(-d). */
  private static double crossEntropy(double d, double t) {
    return -t * logSigmoid(d) - (1 - t) * logSigmoid(-d);
  }

  /**
   * dr+ = (-s + 2c (r+ + r-)) dy / N and dr- = (s + 2c (r+ + r-)) dy / N, with s = t sigmoid(-d) -
   * (1 - t) sigmoid(d).
   */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    double[] rewards = HostNumbers.read(saved, saved.get(0));
    double scale = HostNumbers.read(saved, dy)[0] / numPairs;
    double[] gradient = new double[rewards.length];
    for (int i = 0; i < margins.length; i++) {
      double chosen = rewards[2 * i];
      double rejected = rewards[2 * i + 1];
      double d = chosen - rejected - margins[i];
      double slope = targets[i] * sigmoid(-d) - (1 - targets[i]) * sigmoid(d);
      double center = 2 * centering * (chosen + rejected);
      gradient[2 * i] = (-slope + center) * scale;
      gradient[2 * i + 1] = (slope + center) * scale;
    }
    return new Tensor[] {HostNumbers.write(saved, saved.empty(saved.inputShape(0)), gradient)};
  }

  /** log(1 / (1 + exp(-x))), without overflow. */
  public static double logSigmoid(double x) {
    return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  }

  static double sigmoid(double x) {
    return Math.exp(logSigmoid(x));
  }
}
