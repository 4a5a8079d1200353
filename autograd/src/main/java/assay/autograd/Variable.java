package assay.autograd;

import assay.tensor.Shape;
import assay.tensor.Tensor;

/** A tensor on a tape: the value of an operation, or a leaf that was put there. */
public final class Variable {
  private final Tape tape;
  private final Tensor value;
  private final GradientSink sink;
  private final boolean wantsGradient;

  /** True while the op that made this, or whoever put it there for a short time, holds it. */
  boolean heldByItsOp;

  Variable(Tape tape, Tensor value, GradientSink sink, boolean wantsGradient) {
    this.tape = tape;
    this.value = value;
    this.sink = sink;
    this.wantsGradient = wantsGradient;
  }

  public Tape tape() {
    return tape;
  }

  public Tensor value() {
    return value;
  }

  public Shape shape() {
    return value.shape();
  }

  /** True if the backward computes a gradient for this. */
  public boolean wantsGradient() {
    return wantsGradient;
  }

  /** Whom a parameter's gradient is given to, or null. */
  GradientSink sink() {
    return sink;
  }

  /** {@code op(this, others...)}, recorded on this tape. */
  public Variable apply(Op op, Variable... others) {
    Variable[] in = new Variable[others.length + 1];
    in[0] = this;
    System.arraycopy(others, 0, in, 1, others.length);
    return tape.apply(op, in);
  }

  @Override
  public String toString() {
    return "Variable " + value;
  }
}
