package assay.autograd;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.FusedKernels;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;

/**
 * What one application of an op is given to work with and what it keeps for its backward. The tape
 * can say how many bytes each op keeps, and frees them as the backward proceeds.
 */
public final class Saved {
  private final Tape tape;
  private final Variable[] inputs;
  private final Shape outputShape;
  private final List<Tensor> kept = new ArrayList<>();
  private final List<Tensor> created = new ArrayList<>();
  private final List<Tensor> otherOutputs = new ArrayList<>();
  private List<Tensor> otherGradients = List.of();
  private TensorArena scratch;

  Saved(Tape tape, Variable[] inputs, Shape outputShape) {
    this.tape = tape;
    this.inputs = inputs;
    this.outputShape = outputShape;
  }

  /** Keeps a tensor for the backward, where it is {@link #get}(i) in order of keeping. */
  public void keep(Tensor... tensors) {
    if (tape.isRecording()) {
      for (Tensor tensor : tensors) {
        kept.add(tensor);
        tape.hold(tensor);
      }
    }
  }

  public Tensor get(int i) {
    return kept.get(i);
  }

  /** A new tensor for the output: the inferred shape, the first input's dtype. */
  public Tensor output() {
    return empty(outputShape);
  }

  /** A second output, beside the one that the forward returns; see {@link Tape#applyAll}. */
  public Tensor otherOutput(Shape shape) {
    Tensor output = empty(shape);
    otherOutputs.add(output);
    return output;
  }

  /**
   * In a backward: the gradient of the i-th of the other outputs; null if nothing depends on it.
   */
  public Tensor otherGradient(int i) {
    return otherGradients.get(i);
  }

  /** A new tensor of the first input's dtype that outlives the op: an output or a gradient. */
  public Tensor empty(Shape shape) {
    return empty(inputs[0].value().dtype(), shape);
  }

  public Tensor empty(DType dtype, Shape shape) {
    return adopt(tape.arena().empty(dtype, shape));
  }

  /**
   * A new tensor for the gradient of input i: like the input, but a parameter's in the dtype that
   * sums are kept in.
   */
  public Tensor gradient(int i) {
    return empty(Tape.gradientType(inputs[i]), inputs[i].shape());
  }

  /**
   * Offers the gradient of input i, a table of which only some rows were read, row by row; see
   * {@link GradientSink#acceptRows}.
   *
   * @return false if it is to be returned as a whole
   */
  public boolean handRows(int i, Tensor rows, Tensor dRows) {
    return tape.handRows(inputs[i], rows, dRows);
  }

  /** Makes the tape answerable for a tensor of its arena that another tape made. */
  public Tensor adopt(Tensor tensor) {
    tape.own(tensor);
    created.add(tensor);
    return tensor;
  }

  /** For temporaries: closed when the op has run. */
  public TensorArena scratch() {
    if (scratch == null) {
      scratch = tape.arena().child("scratch");
    }
    return scratch;
  }

  /** True if the backward should compute the gradient of input i. */
  public boolean wantsGradient(int i) {
    return inputs[i].wantsGradient();
  }

  /** The gradient that input i already has and may be added to, or null. */
  public Tensor accumulator(int i) {
    return tape.accumulator(inputs[i]);
  }

  /** Shape of input i. */
  public Shape inputShape(int i) {
    return inputs[i].shape();
  }

  public Device device() {
    return tape.arena().device();
  }

  public FusedKernels kernels() {
    return device().kernels();
  }

  /** True while a tape records: only then will there be a backward. */
  public boolean isRecording() {
    return tape.isRecording();
  }

  /** The tape's arena and kind, for an op that runs a tape of its own. */
  public Tape newTape(boolean recording) {
    return new Tape(tape.arena(), recording);
  }

  List<Tensor> otherOutputs() {
    return otherOutputs;
  }

  void setOtherGradients(List<Tensor> gradients) {
    otherGradients = gradients;
  }

  Variable[] inputs() {
    return inputs;
  }

  List<Tensor> kept() {
    return kept;
  }

  /** After a forward or backward: temporaries go, and what was made but is held by nobody. */
  void endCall() {
    if (scratch != null) {
      scratch.close();
      scratch = null;
    }
    created.forEach(tape::releaseIfUnheld);
    created.clear();
  }
}
