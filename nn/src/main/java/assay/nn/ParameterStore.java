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
  private final Placement placement;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();

  /**
   * @param dtype what the network computes in: F32, or on a GPU BF16
   * @param training true to hold a gradient beside each weight, and the lower half of a BF16 one
   */
  public ParameterStore(Device device, DType dtype, boolean training) {
    this(device, dtype, training, Placement.whole());
  }

  /**
   * As the other, for a model that is spread over several ranks.
   *
   * @param placement what of each parameter lies here
   */
  public ParameterStore(Device device, DType dtype, boolean training, Placement placement) {
    this.dtype = dtype;
    this.placement = placement;
    this.weights = TensorArena.open(device, "weights");
    this.gradients = training ? TensorArena.open(device, "gradients") : null;
  }

  /** A new parameter in the store's dtype; its values are not set, its gradient is zero. */
  public Parameter create(String name, int... dims) {
    return create(dtype, name, dims);
  }

  /** A new parameter in a dtype of its own. */
  public Parameter create(DType itsDType, String name, int... dims) {
    Shape shape = Shape.of(dims);
    boolean training = gradients != null;
    boolean split = training && itsDType == DType.BF16;
    Parameter parameter =
        new Parameter(
            name,
            shape,
            placement,
            shard(weights, itsDType, shape, placement.holdsAllWeights()),
            split ? shard(weights, DType.I16, shape, false) : null,
            training ? gradients(itsDType.sum(), shape) : null);
    if (parameters.putIfAbsent(name, parameter) != null) {
      throw new IllegalArgumentException("parameter " + name + " made twice");
    }
    return parameter;
  }

  private ShardedTensor shard(TensorArena arena, DType itsDType, Shape shape, boolean allRows) {
    Placement.Rows rows = placement.ownRows(shape);
    int[] dims = shape.toArray();
    dims[0] = allRows ? rows.padded() : rows.capacity();
    return new ShardedTensor(arena.empty(itsDType, Shape.of(dims)), rows, shape.dim(0), allRows);
  }

  private ShardedTensor gradients(DType itsDType, Shape shape) {
    ShardedTensor zero = shard(gradients, itsDType, shape, placement.holdsAllGradients());
    device().backend().fill(zero.padded(), 0);
    return zero;
  }

  public List<Parameter> all() {
    return Collections.unmodifiableList(new ArrayList<>(parameters.values()));
  }

  /** The parameter of this name, or null. */
  public Parameter get(String name) {
    return parameters.get(name);
  }

  /** What the network computes in. */
  public DType dtype() {
    return dtype;
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
      device().backend().fill(parameter.gradients().padded(), 0);
    }
  }

  /**
   * Draws a parameter from N(0, standardDeviation). What is drawn depends on the seed and the name
   * alone, not on which other parameters there are.
   */
  public void drawNormal(Parameter parameter, double standardDeviation, long seed) {
    long streamSeed = seed * 1_000_003 + parameter.name().hashCode();
    try (TensorArena scratch = weights.child("scratch")) {
      Tensor x = scratch.empty(DType.F32, parameter.shape());
      device().backend().random(RandomKind.NORMAL, streamSeed, x);
      device().kernels().binaryScalar(BinaryKind.MULTIPLY, x, standardDeviation, x, scratch);
      parameter.set(x);
    }
  }

  /** Sets all weights of a parameter to one value. */
  public void fill(Parameter parameter, double value) {
    try (TensorArena scratch = weights.child("scratch")) {
      Tensor x = scratch.empty(DType.F32, parameter.shape());
      device().backend().fill(x, value);
      parameter.set(x);
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
