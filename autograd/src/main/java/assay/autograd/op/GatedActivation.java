package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.tensor.ActivationKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;

/** y = activation(gate) up (Shazeer 2020), all {@code [T, dim]}. */
public record GatedActivation(ActivationKind kind) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (!in[0].equals(in[1])) {
      throw misfit("gate and up of one shape", in);
    }
    return in[0];
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    Tensor y = saved.output();
    saved.kernels().gatedActivation(kind, in[0], in[1], y, saved.scratch());
    saved.keep(in[0], in[1]);
    return y;
  }

  /** dGate = dy up activation'(gate) and dUp = dy activation(gate). */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tensor dGate = saved.empty(dy.shape());
    Tensor dUp = saved.empty(dy.shape());
    saved
        .kernels()
        .gatedActivationBackward(kind, saved.get(0), saved.get(1), dy, dGate, dUp, saved.scratch());
    return new Tensor[] {dGate, dUp};
  }
}
