package assay.autograd.op;

import assay.autograd.Op;
import assay.autograd.Saved;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * Gradient checkpointing (Chen et al. 2016): keeps only the input of a part of the model, and
 * computes the part again when its backward is due.
 *
 * @param part must give the same result each time, of its input's shape unless {@code shape} says
 *     otherwise; its parameters are leaves with gradients of their own
 * @param shape of the result, or null
 */
public record Checkpoint(UnaryOperator<Variable> part, Shape shape) implements Op {
  /** A part whose result has its input's shape. */
  public Checkpoint(UnaryOperator<Variable> part) {
    this(part, null);
  }

  @Override
  public Shape infer(Shape... in) {
    return shape == null ? in[0] : shape;
  }

  @Override
  public Tensor forward(Saved saved, Tensor... in) {
    saved.keep(in[0]);
    Tape tape = saved.newTape(false);
    Variable x = tape.constant(in[0]);
    return saved.adopt(tape.release(tape.segment(() -> part.apply(x))));
  }

  /** Runs the part again, this time recording, and then backwards. */
  @Override
  public Tensor[] backward(Saved saved, Tensor dy) {
    Tape tape = saved.newTape(true);
    Variable x = saved.wantsGradient(0) ? tape.input(saved.get(0)) : tape.constant(saved.get(0));
    Variable y = tape.segment(() -> part.apply(x));
    tape.backward(y, dy);
    tape.drop(y);
    Tensor dx = tape.takeGradient(x);
    boolean passedOn = dx == null || dx.sharesMemoryWith(dy);
    return new Tensor[] {passedOn ? dx : saved.adopt(dx)};
  }
}
