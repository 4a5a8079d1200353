package assay.autograd;

import assay.tensor.Backend;
import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.Shape;
import assay.tensor.Span;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /** A parameter's gradient as it adds up. The first node that used it is the last to add. */
  private static final class LeafGradient {
    final int firstUse;
    int uses;
    Tensor sum;

    LeafGradient(int firstUse) {
      this.firstUse = firstUse;
    }
  }

  private final TensorArena arena;
  private final boolean recording;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Variable> outputs = new ArrayList<>(); // of all ops, for segment
  private final Map<Object, TensorArena> owned = new HashMap<>(); // by memory
  private final Map<Object, Integer> holders = new HashMap<>(); // of owned memory
  private final Map<Variable, Tensor> gradients = new HashMap<>();
  private final Map<GradientSink, LeafGradient> leaves = new HashMap<>();

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

  /** A parameter, whose gradient the backward gives to the sink. */
  public Variable leaf(Tensor value, GradientSink sink) {
    return new Variable(this, value, sink, recording);
  }

  /**
   * A parameter whose value is here for a short time: it goes back to its arena when neither the
   * {@link #segment} that it was made in nor a backward needs it any more.
   */
  public Variable temporaryLeaf(Tensor value, TensorArena itsArena, GradientSink sink) {
    owned.put(value.memory(), itsArena);
    return held(leaf(value, sink));
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
    Tensor value;
    try (Span _ = Span.begin(Span.Kind.FORWARD, op.name())) {
      value = op.forward(saved, values);
    }
    assert value.shape().equals(shape) : op.name() + " inferred " + shape + ", gave " + value;
    List<Variable> made = new ArrayList<>(List.of(output(value, wantsGradient)));
    for (Tensor other : saved.otherOutputs()) {
      made.add(output(other, wantsGradient));
    }
    if (wantsGradient) {
      nodes.add(new Node(op, saved, made));
      countUses(in);
    } else {
      saved.kept().forEach(this::unhold);
    }
    saved.endCall();
    return made;
  }

  private Variable output(Tensor value, boolean wantsGradient) {
    return held(new Variable(this, value, null, wantsGradient));
  }

  private Variable held(Variable variable) {
    variable.heldByItsOp = true;
    hold(variable.value());
    outputs.add(variable);
    return variable;
  }

  private void countUses(Variable[] inputs) {
    for (Variable input : inputs) {
      if (input.sink() != null) {
        int index = nodes.size() - 1;
        leaves.computeIfAbsent(input.sink(), _ -> new LeafGradient(index)).uses++;
      }
    }
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
      handOver(node, i);
      dys.stream().filter(Objects::nonNull).forEach(this::unhold);
      node.saved.kept().forEach(this::unhold);
      node.outputs.stream().filter(output -> output != y).forEach(this::drop);
    }
    nodes.clear();
  }

  private void propagate(Node node, Tensor gradient) {
    Variable[] inputs = node.saved.inputs();
    Tensor[] contributions;
    try (Span _ = Span.begin(Span.Kind.BACKWARD, node.op.name())) {
      contributions = node.op.backward(node.saved, gradient);
    }
    for (int i = 0; i < inputs.length; i++) {
      if (contributions[i] != null && inputs[i].wantsGradient()) {
        assert contributions[i].shape().equals(inputs[i].shape())
            : node.op.name() + " gave " + inputs[i] + " the gradient " + contributions[i];
        accumulate(inputs[i], contributions[i]);
      }
    }
    node.saved.endCall();
  }

  /** Gives the gradients that no further node adds to, and lets go of parameters' values. */
  private void handOver(Node node, int index) {
    for (Variable input : node.saved.inputs()) {
      if (input.sink() == null) {
        continue;
      }
      drop(input);
      LeafGradient leaf = leaves.get(input.sink());
      if (leaf != null && leaf.firstUse == index) {
        leaves.remove(input.sink());
        if (leaf.sum != null) {
          input.sink().accept(takeOver(leaf.sum), arena);
        }
      }
    }
  }

  /** The same numbers in memory that is nobody else's. */
  private Tensor takeOver(Tensor gradient) {
    if (isHeldOnce(gradient)) {
      disown(gradient);
      return gradient;
    }
    Tensor copy = arena.empty(gradient.dtype(), gradient.shape());
    arena.device().backend().unary(UnaryKind.COPY, gradient, copy);
    unhold(gradient);
    return copy;
  }

  /** What has been added up for a variable; null if nothing has. */
  private Tensor gradientOf(Variable variable) {
    if (variable.sink() == null) {
      return gradients.get(variable);
    }
    Tensor target = variable.sink().target();
    return target != null ? target : leaves.get(variable.sink()).sum;
  }

  private void setGradient(Variable variable, Tensor gradient) {
    if (variable.sink() == null) {
      gradients.put(variable, gradient);
    } else {
      leaves.get(variable.sink()).sum = gradient;
    }
  }

  /** Adds a contribution to the gradient of a variable. */
  private void accumulate(Variable variable, Tensor contribution) {
    Tensor before = gradientOf(variable);
    if (before == null) {
      assert variable.sink() == null || contribution.dtype() == gradientType(variable)
          : variable + " has a gradient in " + contribution.dtype();
      hold(contribution);
      setGradient(variable, contribution);
    } else if (!contribution.sharesMemoryWith(before) || accumulator(variable) == null) {
      Tensor sum = accumulator(variable);
      if (sum == null) {
        sum = arena.empty(before.dtype(), before.shape());
        own(sum);
        hold(sum);
        setGradient(variable, sum);
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

  /** A gradient that may be added to in place: a sink's target, or one that nobody else holds. */
  Tensor accumulator(Variable variable) {
    if (variable.sink() != null && variable.sink().target() != null) {
      return variable.sink().target();
    }
    Tensor gradient = gradientOf(variable);
    return gradient != null && isHeldOnce(gradient) ? gradient : null;
  }

  private boolean isHeldOnce(Tensor tensor) {
    return holders.getOrDefault(tensor.memory(), 0) == 1;
  }

  /** A parameter's gradient is a sum over many rows; an activation's is like the activation. */
  static DType gradientType(Variable variable) {
    DType dtype = variable.value().dtype();
    return variable.sink() != null ? dtype.sum() : dtype;
  }

  /** Offers the rows of a table's gradient to its sink, if the table is used nowhere else. */
  boolean handRows(Variable table, Tensor rows, Tensor dRows) {
    LeafGradient leaf = table.sink() == null ? null : leaves.get(table.sink());
    return leaf != null && leaf.uses == 1 && table.sink().acceptRows(rows, dRows);
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
    owned.put(tensor.memory(), arena);
  }

  private void disown(Tensor tensor) {
    owned.remove(tensor.memory());
    holders.remove(tensor.memory());
  }

  void hold(Tensor tensor) {
    if (owned.containsKey(tensor.memory())) {
      holders.merge(tensor.memory(), 1, Integer::sum);
    }
  }

  private void unhold(Tensor tensor) {
    if (owned.containsKey(tensor.memory())
        && holders.merge(tensor.memory(), -1, Integer::sum) == 0) {
      holders.remove(tensor.memory());
      releaseIfUnheld(tensor);
    }
  }

  void releaseIfUnheld(Tensor tensor) {
    if (!holders.containsKey(tensor.memory())) {
      TensorArena itsArena = owned.remove(tensor.memory());
      if (itsArena != null) {
        itsArena.release(tensor);
      }
    }
  }
}
