package assay.rm;

import assay.autograd.Saved;
import assay.tensor.DType;
import assay.tensor.Tensor;

/** A few numbers from a device and back, for losses that are computed in F64 on the host. */
final class HostNumbers {
  private HostNumbers() {}

  static double[] read(Saved saved, Tensor x) {
    Tensor exact = saved.scratch().empty(DType.F64, x.shape());
    saved.device().backend().cast(x, exact);
    return exact.toDoubles();
  }

  /** Rounds the values once, to the dtype of {@code out}, which is returned. */
  static Tensor write(Saved saved, Tensor out, double... values) {
    Tensor exact = saved.scratch().empty(DType.F64, out.shape()).copyFrom(values);
    saved.device().backend().cast(exact, out);
    return out;
  }
}
