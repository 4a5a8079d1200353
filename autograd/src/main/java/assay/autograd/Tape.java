package assay.autograd;

import assay.tensor.Backend;
import assay.tensor.BinaryKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Records operations as they run, and goes through them backwards.
 *
 * <p>What ops make on a tape lies in one arena, and the tape gives each piece of memory back as
 * soon as nobody holds it: an op holds its output, and what it kept for its backward. {@link
 * #segment} drops the outputs that no backward needs; on a tape that does not record, that leaves a
 * segment's result alone.
 */
public final class Tape {
  /** One application of an op. */
  private record Node(Op op, Saved saved, List<Variable> outputs) {}

  private final TensorArena arena;
  private final boolean recording;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Variable> outputs = new ArrayList<>(); // of all ops, for segment
  private final Set<Object> owned = new HashSet<>(); // memory
  private final Map<Object, Integer> holders = new HashMap<>(); // of owned memory
  private final Map<Variable, Tensor> gradients = new HashMap<>();

  Tape(TensorArena arena, boolean recording) {
    this.arena = arena;
    this.recording = recording;
  }

  /** A tape for training. */
  public static Tape recording(TensorArena arena) {
    return new Tape(arena, true);
  }

  /** A tape for scoring: nothing is kept for a backward. */
  public static Tape inference(TensorArena arena) {
    return new Tape(arena, false);
  }

  public TensorArena arena() {
    return arena;
  }

  public boolean isRecording() {
    return recording;
  }

  /** A value that no gradient is wanted for. */
  public Variable constant(Tensor value) {
    return new Variable(this, value, null, false);
  }

  /**
   * A parameter: the backward adds to {@code gradient}, which has the value's shape and the dtype
   * that its sums are kept in.
   */
  public Variable leaf(Tensor value, Tensor gradient) {
    return new Variable(this, value, gradient, recording);
  }

  /** A value whose gradient {@link #backward} leaves for {@link #takeGradient}. */
  public Variable input(Tensor value) {
    return new Variable(this, value, null, recording);
  }

  /** Runs an op, and records it if one of its inputs wants a gradient. */
  public Variable apply(Op op, Variable... in) {
    return applyAll(op, in).getFirst();
  }

  /** Runs an op with several outputs: the one that its forward returns, then the others. */
  public List<Variable> applyAll(Op op, Variable... in) {
    Shape[] shapes = new Shape[in.length];
    Tensor[] values = new Tensor[in.length];
    boolean wantsGradient = false;
    for (int i = 0; i < in.length; i++) {
      if (in[i].tape() != this) {
        throw new IllegalStateException(op.name() + ": input " + i + " is of another tape");
      }
      shapes[i] = in[i].shape();
      values[i] = in[i].value();
      wantsGradient |= in[i].wantsGradient();
    }
    Shape shape = op.infer(shapes);
    Saved saved = new Saved(this, in, shape);
    Tensor value = op.forward(saved, values);
    assert value.shape().equals(shape) : op.name() + " inferred " + shape + ", gave " + value;
    List<Variable> made = new ArrayList<>(List.of(output(value, wantsGradient)));
    for (Tensor other : saved.otherOutputs()) {
      made.add(output(other, wantsGradient));
    }
    if (wantsGradient) {
      nodes.add(new Node(op, saved, made));
    } else {
      saved.kept().forEach(this::unhold);
    }
    saved.endCall();
    return made;
  }

  private Variable output(Tensor value, boolean wantsGradient) {
    Variable output = new Variable(this, value, null, wantsGradient);
    output.heldByItsOp = true;
    hold(value);
    outputs.add(output);
    return output;
  }

  /**
   * Runs a part of a model, such as one layer, and drops what was computed on the way and no
   * backward needs. Only its result may be used afterwards.
   */
  public Variable segment(Supplier<Variable> part) {
    int mark = outputs.size();
    Variable result = part.get();
    List<Variable> made = outputs.subList(mark, outputs.size());
    boolean madeHere = made.contains(result);
    for (Variable variable : made) {
      if (variable != result) {
        drop(variable);
      }
    }
    made.clear();
    if (madeHere) {
      outputs.add(result);
    }
    return result;
  }

  /** Ends the hold of the op that made a value; the value may not be used any more. */
  public void drop(Variable variable) {
    if (variable.heldByItsOp) {
      variable.heldByItsOp = false;
      unhold(variable.value());
    }
  }

  /** Hands a value's memory, which this tape owned, to the caller. */
  public Tensor release(Variable variable) {
    variable.heldByItsOp = false;
    disown(variable.value());
    return variable.value();
  }

  /**
   * Computes the gradients of all leaves and inputs: nodes in reverse order, contributions added in
   * that order, memory given back on the way.
   *
   * @param dy gradient of {@code y}, of its shape; stays the caller's
   */
  public void backward(Variable y, Tensor dy) {
    if (!dy.shape().equals(y.shape())) {
      throw new IllegalArgumentException("backward: " + y + " with a gradient " + dy);
    }
    gradients.put(y, dy);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      List<Tensor> dys = new ArrayList<>();
      node.outputs.forEach(output -> dys.add(gradients.remove(output)));
      if (dys.getFirst() == null && dys.stream().anyMatch(Objects::nonNull)) {
        throw new IllegalStateException(
            node.op.name() + ": nothing depends on its first output, but on another");
      }
      if (dys.getFirst() != null) {
        node.saved.setOtherGradients(dys.subList(1, dys.size()));
        propagate(node, dys.getFirst());
      }
      dys.stream().filter(Objects::nonNull).forEach(this::unhold);
      node.saved.kept().forEach(this::unhold);
      node.outputs.stream().filter(output -> output != y).forEach(this::drop);
    }
    nodes.clear();
  }

  private void propagate(Node node, Tensor gradient) {
    Variable[] inputs = node.saved.inputs();
    Tensor[] contributions = node.op.backward(node.saved, gradient);
    for (int i = 0; i < inputs.length; i++) {
      if (contributions[i] != null && inputs[i].wantsGradient()) {
        assert contributions[i].shape().equals(inputs[i].shape())
            : node.op.name() + " gave " + inputs[i] + " the gradient " + contributions[i];
        accumulate(inputs[i], contributions[i]);
      }
    }
    node.saved.endCall();
  }

  /** Adds a contribution to the gradient of a variable. */
  private void accumulate(Variable variable, Tensor contribution) {
    Tensor before = variable.leafGradient();
    if (before == null) {
      before = gradients.get(variable);
    }
    if (before == null) {
      hold(contribution);
      gradients.put(variable, contribution);
    } else if (!contribution.sharesMemoryWith(before) || accumulator(variable) == null) {
      Tensor sum = accumulator(variable);
      if (sum == null) {
        sum = arena.empty(before.dtype(), before.shape());
        own(sum);
        hold(sum);
        gradients.put(variable, sum);
      }
      add(before, contribution, sum);
      if (sum != before) {
        unhold(before);
      }
    }
  }

  /** {@code sum = before + contribution}, which may be of another dtype. */
  private void add(Tensor before, Tensor contribution, Tensor sum) {
    Backend backend = arena.device().backend();
    if (contribution.dtype() == before.dtype()) {
      backend.binary(BinaryKind.ADD, before, contribution, sum);
      return;
    }
    Tensor converted = arena.empty(before.dtype(), contribution.shape());
    backend.cast(contribution, converted);
    backend.binary(BinaryKind.ADD, before, converted, sum);
    arena.release(converted);
  }

  /** A gradient that may be added to in place: a leaf's own, or one that nobody else holds. */
  Tensor accumulator(Variable variable) {
    if (variable.leafGradient() != null) {
      return variable.leafGradient();
    }
    Tensor gradient = gradients.get(variable);
    boolean alone = gradient != null && holders.getOrDefault(gradient.memory(), 0) == 1;
    return alone ? gradient : null;
  }

  /** The gradient of an {@link #input}, now the caller's; null if y does not depend on it. */
  public Tensor takeGradient(Variable input) {
    Tensor gradient = gradients.remove(input);
    if (gradient != null) {
      disown(gradient);
    }
    return gradient;
  }

  /** Makes this tape answerable for memory of its arena: released when its last holder goes. */
  void own(Tensor tensor) {
    owned.add(tensor.memory());
  }

  private void disown(Tensor tensor) {
    owned.remove(tensor.memory());
    holders.remove(tensor.memory());
  }

  void hold(Tensor tensor) {
    if (owned.contains(tensor.memory())) {
      holders.merge(tensor.memory(), 1, Integer::sum);
    }
  }

  private void unhold(Tensor tensor) {
    if (owned.contains(tensor.memory()) && holders.merge(tensor.memory(), -1, Integer::sum) == 0) {
      holders.remove(tensor.memory());
      releaseIfUnheld(tensor);
    }
  }

  void releaseIfUnheld(Tensor tensor) {
    if (!holders.containsKey(tensor.memory()) && owned.remove(tensor.memory())) {
      arena.release(tensor);
    }
  }
}
