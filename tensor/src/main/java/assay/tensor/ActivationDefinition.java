package assay.tensor;

/** The readable definition of the activations, by {@link Backend} methods alone. */
final class ActivationDefinition {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private ActivationDefinition() {}

  /** {@code value = f(x)} and {@code derivative = f'(x)}. */
  static void activation(
      Backend backend,
      ActivationKind kind,
      Tensor x,
      Tensor value,
      Tensor derivative,
      TensorArena scratch) {
    switch (kind) {
      case SILU -> silu(backend, x, value, derivative, scratch);
      case GELU_TANH -> geluTanh(backend, x, value, derivative, scratch);
    }
  }

  /** f = x s and f' = s + f (1 - s), with s = sigmoid(x). */
  private static void silu(
      Backend backend, Tensor x, Tensor value, Tensor derivative, TensorArena scratch) {
    Tensor sigmoid = scratch.empty(x.dtype(), x.shape());
    backend.unary(UnaryKind.SIGMOID, x, sigmoid);
    backend.binary(BinaryKind.MULTIPLY, x, sigmoid, value);
    backend.binary(BinaryKind.MULTIPLY, value, sigmoid, derivative);
    backend.binary(BinaryKind.SUBTRACT, value, derivative, derivative);
    backend.binary(BinaryKind.ADD, derivative, sigmoid, derivative);
  }

  /** f = 0.5 x (1 + t) and f' = 0.5 (1 + t) + 0.5 x (1 - t^2) u', with t = tanh(u(x)). */
  private static void geluTanh(
      Backend backend, Tensor x, Tensor value, Tensor derivative, TensorArena scratch) {
    Tensor scalar = scratch.empty(x.dtype(), 1);
    Tensor t = scratch.empty(x.dtype(), x.shape());
    Tensor slope = scratch.empty(x.dtype(), x.shape());
    backend.binary(BinaryKind.MULTIPLY, x, x, slope);
    times(backend, slope, CUBIC, scalar);
    plus(backend, slope, 1, scalar);
    backend.binary(BinaryKind.MULTIPLY, slope, x, t);
    times(backend, t, SQRT_2_OVER_PI, scalar); // u = sqrt(2 / pi) (x + 0.044715 x^3)
    backend.unary(UnaryKind.TANH, t, t);
    plus(backend, slope, -1, scalar);
    times(backend, slope, 3, scalar);
    plus(backend, slope, 1, scalar);
    times(backend, slope, SQRT_2_OVER_PI, scalar); // u' = sqrt(2 / pi) (1 + 3 * 0.044715 x^2)
    backend.binary(BinaryKind.MULTIPLY, t, t, derivative);
    plus(backend, derivative, -1, scalar);
    backend.binary(BinaryKind.MULTIPLY, derivative, slope, derivative);
    times(backend, derivative, -0.5, scalar);
    backend.binary(BinaryKind.MULTIPLY, derivative, x, derivative); // 0.5 x (1 - t^2) u'
    plus(backend, t, 1, scalar);
    times(backend, t, 0.5, scalar);
    backend.binary(BinaryKind.ADD, derivative, t, derivative);
    backend.binary(BinaryKind.MULTIPLY, x, t, value);
  }

  private static void times(Backend backend, Tensor x, double value, Tensor scalar) {
    backend.fill(scalar, value);
    backend.binary(BinaryKind.MULTIPLY, x, scalar, x);
  }

  private static void plus(Backend backend, Tensor x, double value, Tensor scalar) {
    backend.fill(scalar, value);
    backend.binary(BinaryKind.ADD, x, scalar, x);
  }
}
