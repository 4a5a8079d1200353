package assay.nn;

import assay.autograd.Variable;
import assay.autograd.op.Add;
import assay.autograd.op.MatMul;
import assay.tensor.DType;

/** y = x W^T + b. */
public final class Linear {
  private final Parameter weight; // [out, in]
  private final Parameter bias; // [out], or null

  public Linear(ParameterStore store, String name, int out, int in, boolean withBias) {
    this(store, store.dtype(), name, out, in, withBias);
  }

  /**
   * @param dtype of the weights, and so of x and y
   */
  public Linear(ParameterStore store, DType dtype, String name, int out, int in, boolean withBias) {
    weight = store.create(dtype, name + ".weight", out, in);
    bias = withBias ? store.create(dtype, name + ".bias", out) : null;
  }

  /**
   * @param x {@code [T, in]}
   * @return {@code [T, out]}
   */
  public Variable forward(Variable x) {
    Variable y = x.apply(new MatMul(true), weight.on(x.tape())); // [T, out]
    return bias == null ? y : y.apply(new Add(), bias.on(x.tape())); // [T, out]
  }
}
