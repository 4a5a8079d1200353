package assay.train;

import assay.nn.Parameter;
import assay.nn.Placement;
import assay.tensor.DType;
import assay.tensor.Span;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import java.util.List;

/**
 * The Euclidean norm of all gradients together, and what clipping makes of it.
 *
 * <p>The unit of the sum is the row: each rank squares its own rows, all learn all rows' sums, and
 * each adds them in the same order. So the norm is the same to the last bit however many ranks the
 * rows are spread over.
 */
public final class GradientNorm {
  private final List<Parameter> parameters;
  private final double[] squares; // of each parameter

  private GradientNorm(List<Parameter> parameters, double[] squares) {
    this.parameters = parameters;
    this.squares = squares;
  }

  /** Measures; every rank must. */
  public static GradientNorm of(List<Parameter> parameters, Communicator ranks) {
    int numRows = parameters.stream().mapToInt(parameter -> parameter.shape().dim(0)).sum();
    double[] squares = new double[parameters.size()];
    try (Span _ = Span.begin(Span.Kind.PHASE, "gradient norm");
        TensorArena scratch = TensorArena.open(parameters.getFirst().device(), "scratch")) {
      Tensor sums = scratch.zeros(DType.F64, numRows); // of each row of all parameters
      int first = 0;
      for (Parameter parameter : parameters) {
        Placement.Rows own = parameter.ownRows();
        if (own.count() > 0) {
          Tensor ownSums = sums.rows(first + own.from(), first + own.to());
          parameter.device().kernels().sumsOfSquares(parameter.gradients().own(), ownSums, scratch);
        }
        first += parameter.shape().dim(0);
      }
      if (parameters.stream().anyMatch(parameter -> parameter.ownRows().areShared())) {
        ranks.allReduce(sums).await(); // others' rows are 0 here
      }
      double[] rows = sums.toDoubles();
      int row = 0;
      for (int i = 0; i < squares.length; i++) {
        for (int end = row + parameters.get(i).shape().dim(0); row < end; row++) {
          squares[i] += rows[row];
        }
      }
    }
    return new GradientNorm(parameters, squares);
  }

  /** {@code sqrt(sum of g^2)} over all parameters; NaN or infinite if any gradient is. */
  public double value() {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    return Math.sqrt(sum);
  }

  /** The first parameter whose gradient is NaN or infinite; one must be. */
  public Parameter firstNonFinite() {
    for (int i = 0; i < squares.length; i++) {
      if (!Double.isFinite(squares[i])) {
        return parameters.get(i);
      }
    }
    throw new IllegalStateException("all gradients are finite, but their squares' sum is not");
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
