package assay.rm;

import assay.autograd.CustomOp;
import assay.autograd.Saved;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/**
 * What makes one head of two follow the answers' lengths and the other leave them (Chen et al.
 * 2024, ODIN, section 3.2):
 *
 * <p>y = w ((1 - rho_length) + |rho_quality|), with rho the correlation of a head's rewards with
 * the lengths over the whole batch.
 *
 * <p>A part of the batch gets its share of y by its number of rows, so that the parts' losses add
 * up to the batch's; and the exact gradient of y by its own rewards, since the slope of a
 * correlation at one reward needs that reward and the batch's moments, which are known.
 *
 * @param lengths of the rows of this part
 * @param length the first head's correlation over the batch
 * @param quality the second head's
 * @param weight w
 * @param share of the batch's rows that are in this part
 */
record OdinLengthLoss(
    double[] lengths,
    LengthCorrelation length,
    LengthCorrelation quality,
    double weight,
    double share)
    implements CustomOp {

  @Override
  public Shape infer(Shape... in) {
    if (!in[0].equals(Shape.of(lengths.length, Odin.NUM_HEADS))) {
      throw misfit("rewards [" + lengths.length + ", 2]", in);
    }
    return Shape.of(1);
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    saved.keep(in[0]);
    double loss = weight * (1 - length.rho() + Math.abs(quality.rho()));
    return HostNumbers.write(saved, saved.output(), loss * share);
  }

  /** dr_length = -w d rho_length dy, dr_quality = w sign(rho_quality) d rho_quality dy. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    double[] rewards = HostNumbers.read(saved, saved.get(0));
    double scale = weight * HostNumbers.read(saved, dy)[0];
    double[] gradient = new double[rewards.length];
    for (int i = 0; i < lengths.length; i++) {
      int first = i * Odin.NUM_HEADS + Odin.LENGTH;
      int second = i * Odin.NUM_HEADS + Odin.QUALITY;
      double sign = Math.signum(quality.rho());
      gradient[first] = -scale * length.slope(rewards[first], lengths[i]);
      gradient[second] = scale * sign * quality.slope(rewards[second], lengths[i]);
    }
    return new Tensor[] {HostNumbers.write(saved, saved.empty(saved.inputShape(0)), gradient)};
  }
}
