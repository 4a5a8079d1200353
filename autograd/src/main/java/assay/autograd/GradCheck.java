package assay.autograd;

import assay.autograd.op.Add;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares an op's gradients with central finite differences in F64.
 *
 * <p>With a fixed random cotangent w, the scalar {@code f(x) = sum of w y(x)} has the gradients
 * that the op's backward gives for {@code dy = w}.
 */
public final class GradCheck {
  /** About the cube root of the double's precision, where both errors of the quotient are small. */
  private static final double STEP = 6e-6;

  /** An input of an op: its values, and whether to differentiate by it. */
  public record Input(Shape shape, double[] values, boolean differentiate) {}

  private GradCheck() {}

  /**
   * The gradients of all inputs, null for those not differentiated.
   *
   * @param cotangent dy, as many values as the output has elements
   */
  public static List<double[]> gradients(
      Device device, DType dtype, Op op, List<Input> inputs, double[] cotangent) {
    try (TensorArena arena = TensorArena.open(device, "gradient check")) {
      Tape tape = Tape.recording(arena);
      List<Variable> variables = new ArrayList<>();
      for (Input input : inputs) {
        Tensor value = arena.of(dtype, input.shape(), input.values());
        variables.add(input.differentiate() ? tape.input(value) : tape.constant(value));
      }
      Variable y = total(tape.applyAll(op, variables.toArray(Variable[]::new)));
      tape.backward(y, arena.of(y.value().dtype(), y.shape(), cotangent));
      List<double[]> gradients = new ArrayList<>();
      for (Variable variable : variables) {
        Tensor gradient = variable.wantsGradient() ? tape.takeGradient(variable) : null;
        gradients.add(gradient == null ? null : doubles(arena, gradient));
      }
      return gradients;
    }
  }

  /** An op with several outputs, which have one shape, is checked by what they add up to. */
  private static Variable total(List<Variable> outputs) {
    Variable total = outputs.getFirst();
    for (Variable other : outputs.subList(1, outputs.size())) {
      total = total.apply(new Add(), other);
    }
    return total;
  }

  /** The op's output. */
  public static double[] forward(Device device, DType dtype, Op op, List<Input> inputs) {
    try (TensorArena arena = TensorArena.open(device, "gradient check")) {
      Tape tape = Tape.inference(arena);
      Variable[] variables = new Variable[inputs.size()];
      for (int i = 0; i < variables.length; i++) {
        Input input = inputs.get(i);
        variables[i] = tape.constant(arena.of(dtype, input.shape(), input.values()));
      }
      return doubles(arena, total(tape.applyAll(op, variables)).value());
    }
  }

  /**
   * The largest difference between a gradient and its finite difference, relative to the largest
   * gradient of that input (or 1 if that is smaller).
   */
  public static double worstError(Device device, Op op, List<Input> inputs, double[] cotangent) {
    List<double[]> gradients = gradients(device, DType.F64, op, inputs, cotangent);
    double worst = 0;
    for (int i = 0; i < inputs.size(); i++) {
      if (!inputs.get(i).differentiate()) {
        continue;
      }
      double[] values = inputs.get(i).values();
      double largest = 1;
      double difference = 0;
      for (int j = 0; j < values.length; j++) {
        double expected = finiteDifference(device, op, inputs, cotangent, values, j);
        double actual = gradients.get(i) == null ? 0 : gradients.get(i)[j];
        largest = Math.max(largest, Math.abs(expected));
        difference = Math.max(difference, Math.abs(actual - expected));
      }
      worst = Math.max(worst, difference / largest);
    }
    return worst;
  }

  /** {@code (f(x + h) - f(x - h)) / 2h}; changes x and puts it back. */
  private static double finiteDifference(
      Device device, Op op, List<Input> inputs, double[] cotangent, double[] values, int j) {
    double x = values[j];
    double step = STEP * Math.max(1, Math.abs(x));
    values[j] = x + step;
    double[] above = forward(device, DType.F64, op, inputs);
    values[j] = x - step;
    double[] below = forward(device, DType.F64, op, inputs);
    values[j] = x;
    double sum = 0;
    for (int k = 0; k < cotangent.length; k++) {
      sum += cotangent[k] * (above[k] - below[k]); // first the differences: less is cancelled
    }
    return sum / (2 * step);
  }

  private static double[] doubles(TensorArena arena, Tensor x) {
    Tensor exact = arena.empty(DType.F64, x.shape());
    arena.device().backend().cast(x, exact);
    return exact.toDoubles();
  }
}
