package assay.nn;

import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.RandomKind;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Owns a model's parameters, in the order in which they were made: their memory lives as long as
 * this is open. Modules ask it for parameters when they are built.
 */
public final class ParameterStore implements AutoCloseable {
  private final TensorArena weights;
  private final TensorArena gradients;
  private final DType dtype;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /**
   * @param training true to hold a gradient beside each weight
   */
  public ParameterStore(Device device, DType dtype, boolean training) {
    this.dtype = dtype;
    this.weights = TensorArena.open(device, "weights");
    this.gradients = training ? TensorArena.open(device, "gradients") : null;
  }

  /** A new parameter; its values are not set, its gradient is zero. */
  public Parameter create(String name, int... dims) {
    Shape shape = Shape.of(dims);
    Tensor gradient = gradients == null ? null : gradients.zeros(dtype, shape);
    Parameter parameter = new Parameter(name, weights.empty(dtype, shape), gradient);
    if (parameters.putIfAbsent(name, parameter) != null) {
      throw new IllegalArgumentException("parameter " + name + " made twice");
    }
    return parameter;
  }

  public List<Parameter> all() {
    return Collections.unmodifiableList(new ArrayList<>(parameters.values()));
  }

  /** The parameter of this name, or null. */
  public Parameter get(String name) {
    return parameters.get(name);
  }

  public Device device() {
    return weights.device();
  }

  /** Number of weights. */
  public long size() {
    return parameters.values().stream().mapToLong(p -> p.shape().size()).sum();
  }

  /** Sets all gradients to zero. */
  public void zeroGradients() {
    for (Parameter parameter : parameters.values()) {
      device().backend().fill(parameter.gradient().reshape((int) parameter.shape().size()), 0);
    }
  }

  /**
   * Draws a parameter from N(0, standardDeviation). What is drawn depends on the seed and the name
   * alone, not on which other parameters there are.
   */
  public void drawNormal(Parameter parameter, double standardDeviation, long seed) {
    long streamSeed = seed * 1_000_003 + parameter.name().hashCode();
    device().backend().random(RandomKind.NORMAL, streamSeed, parameter.value());
    try (TensorArena scratch = weights.child("scratch")) {
      Tensor x = parameter.value();
      device().kernels().binaryScalar(BinaryKind.MULTIPLY, x, standardDeviation, x, scratch);
    }
  }

  @Override
  public void close() {
    if (gradients != null) {
      gradients.close();
    }
    weights.close();
  }
}
