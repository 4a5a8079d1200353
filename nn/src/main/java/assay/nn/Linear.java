package assay.nn;

import assay.autograd.Variable;
import assay.autograd.op.Add;
import assay.autograd.op.MatMul;

/** y = x W^T + b. */
public final class Linear {
  private final Parameter weight; // [out, in]
  private final Parameter bias; // [out], or null

  public Linear(ParameterStore store, String name, int out, int in, boolean withBias) {
    weight = store.create(name + ".weight", out, in);
    bias = withBias ? store.create(name + ".bias", out) : null;
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
