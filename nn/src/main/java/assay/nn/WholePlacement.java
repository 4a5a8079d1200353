package assay.nn;

import assay.autograd.GradientSink;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;

/** A model that lies on one device as a whole. */
final class WholePlacement implements Placement {
  @Override
  public Rows ownRows(Shape shape) {
    int rows = shape.dim(0);
    return new Rows(0, rows, rows, rows);
  }

  @Override
  public boolean holdsAllWeights() {
    return true;
  }

  @Override
  public boolean holdsAllGradients() {
    return true;
  }

  @Override
  public Variable leaf(Tape tape, Parameter parameter) {
    return parameter.sink() == null
        ? tape.constant(parameter.value())
        : tape.leaf(parameter.value(), parameter.sink());
  }

  @Override
  public GradientSink sink(Parameter parameter) {
    return GradientSink.into(parameter.gradient());
  }

  @Override
  public Tensor gather(TensorArena arena, Parameter parameter, Tensor own) {
    return own;
  }
}
