package assay.nn;

import assay.autograd.Variable;
import assay.autograd.op.AddRmsNorm;
import assay.autograd.op.Reshape;
import assay.autograd.op.RmsNorm;
import assay.tensor.Shape;
import java.util.List;

/** Root mean square norm with a learned weight. */
final class Norm {
  private final Parameter weight; // [dim]
  private final RmsNorm op;

  Norm(ParameterStore store, String name, int dim, TransformerConfig config) {
    weight = store.create(name + ".weight", dim);
    op = new RmsNorm(config.rmsNormEps(), config.normAddsOne() ? 1 : 0);
  }

  /** x and result {@code [T, dim]}. */
  Variable forward(Variable x) {
    return x.apply(op, weight.on(x.tape())); // [T, dim]
  }

  /** A residual stream after something was added to it, and its norm; both {@code [T, dim]}. */
  record Added(Variable stream, Variable normed) {}

  /** Adds to a residual stream and norms the sum: both {@code [T, dim]}. */
  Added forwardAdded(Variable stream, Variable addend) {
    AddRmsNorm fused = new AddRmsNorm(op.epsilon(), op.weightOffset());
    List<Variable> outputs =
        stream.tape().applyAll(fused, stream, addend, weight.on(stream.tape()));
    return new Added(outputs.get(1), outputs.get(0));
  }

  /** Norms each head's columns: x and result {@code [T, heads * dim]}. */
  Variable forwardPerHead(Variable x) {
    int dim = weight.shape().dim(0);
    Shape heads = Shape.of(x.shape().numRows() * x.shape().numColumns() / dim, dim);
    Variable normed = forward(x.apply(new Reshape(heads))); // [T * heads, dim]
    return normed.apply(new Reshape(x.shape())); // [T, heads * dim]
  }
}
