package assay.train;

import assay.nn.Parameter;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.List;

/** The Euclidean norm of all gradients together, and what clipping makes of it. */
public final class GradientNorm {
  private GradientNorm() {}

  /** {@code sqrt(sum of g^2)} over all parameters; NaN or infinite if any gradient is. */
  public static double of(Device device, List<Parameter> parameters) {
    double sum = 0;
    try (TensorArena scratch = TensorArena.open(device, "scratch")) {
      Tensor square = scratch.empty(DType.F64, 1);
      for (Parameter parameter : parameters) {
        device.kernels().sumOfSquares(parameter.gradient(), square, scratch);
        sum += square.toDoubles()[0];
      }
    }
    return Math.sqrt(sum);
  }

  /**
   * The factor that brings a gradient of this norm down to the largest allowed one, as
   * torch.nn.utils.clip_grad_norm_ computes it: {@code min(1, largest / (norm + 1e-6))}.
   *
   * @param largest 0 for no clipping
   */
  public static double clippingFactor(double norm, double largest) {
    return largest <= 0 ? 1 : Math.min(1, largest / (norm + 1e-6));
  }
}
