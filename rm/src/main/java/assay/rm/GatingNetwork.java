package assay.rm;

import assay.autograd.Variable;
import assay.autograd.op.Dropout;
import assay.autograd.op.MultiplyByScalar;
import assay.autograd.op.Relu;
import assay.autograd.op.Scale;
import assay.autograd.op.Softmax;
import assay.nn.Linear;
import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.tensor.BinaryKind;
import assay.tensor.DType;
import assay.tensor.RandomKind;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says from a prompt how much each objective matters for it: an MLP whose outputs become weights by
 * a softmax with a temperature, times one learned factor (Wang et al. 2024, section 2.2).
 *
 * <p>{@code gate = logit_scale * softmax(MLP(h) / temperature)}
 *
 * <p>N prompts. It computes in F32 whatever the trunk computes in.
 */
public final class GatingNetwork {
  /** What the names of its weights begin with, as in the published checkpoint. */
  public static final String NAME = "gating";

  private final ParameterStore store;
  private final List<Linear> layers = new ArrayList<>();
  private final Parameter logitScale; // [1]
  private final double temperature;

  /** Makes the parameters in a store; their values are not set. */
  public GatingNetwork(ParameterStore store, ArmoRmConfig config, int hiddenSize) {
    this.store = store;
    this.temperature = config.gatingTemperature();
    int in = hiddenSize;
    for (int i = 0; i < config.gatingNumHidden(); i++) {
      layers.add(new Linear(store, DType.F32, layer(i), config.gatingHiddenDim(), in, true));
      in = config.gatingHiddenDim();
    }
    int last = config.gatingNumHidden();
    layers.add(new Linear(store, DType.F32, layer(last), config.numObjectives(), in, true));
    logitScale = store.create(DType.F32, NAME + ".logit_scale", 1);
  }

  private static String layer(int i) {
    return NAME + ".layers." + i;
  }

  /**
   * The objectives' weights.
   *
   * @param prompts states of the gate's tokens, {@code [N, hidden]}
   * @return {@code [N, objectives]}
   */
  public Variable forward(Variable prompts) {
    return forward(prompts, Optional.empty());
  }

  /** As {@link #forward(Variable)}, with dropout in training. */
  public Variable forward(Variable prompts, Optional<Dropout> dropout) {
    return scale(logits(prompts, dropout).apply(new Softmax())); // [N, objectives]
  }

  /**
   * What the softmax is taken of, divided by the temperature.
   *
   * @param dropout after each hidden layer; empty when scoring. Each layer drops others
   * @return {@code [N, objectives]}
   */
  public Variable logits(Variable prompts, Optional<Dropout> dropout) {
    Variable x = prompts; // [N, hidden]
    for (int i = 0; i < layers.size() - 1; i++) {
      x = layers.get(i).forward(x).apply(new Relu()); // [N, gatingHiddenDim]
      if (dropout.isPresent()) {
        long seed = dropout.get().seed() * layers.size() + i;
        x = x.apply(new Dropout(dropout.get().probability(), seed)); // [N, gatingHiddenDim]
      }
    }
    Variable logits = layers.getLast().forward(x); // [N, objectives]
    return logits.apply(new Scale(1 / temperature)); // [N, objectives]
  }

  /** Multiplies weights by the learned factor; of any shape. */
  public Variable scale(Variable weights) {
    return weights.apply(new MultiplyByScalar(), logitScale.on(weights.tape()));
  }

  /** The learned factor, {@code [1]}. */
  public Parameter logitScale() {
    return logitScale;
  }

  /** All weights of the gate, of its own or of a whole model's store. */
  public List<Parameter> parameters() {
    return store.all().stream().filter(p -> p.name().startsWith(NAME + ".")).toList();
  }

  /**
   * Draws the weights as PyTorch's linear layers do: each layer's weights and biases are uniform in
   * plus or minus 1 / sqrt(in).
   */
  public void draw(long seed, double initialLogitScale) {
    int i = 0;
    for (Parameter parameter : parameters()) {
      if (parameter == logitScale) {
        store.fill(parameter, initialLogitScale);
      } else {
        drawUniform(parameter, fanIn(parameter), seed * 1_000_003 + i++);
      }
    }
  }

  private int fanIn(Parameter parameter) {
    String layerName = parameter.name().substring(0, parameter.name().lastIndexOf('.'));
    return store.get(layerName + ".weight").shape().dim(1);
  }

  private void drawUniform(Parameter parameter, int fanIn, long seed) {
    double bound = 1 / Math.sqrt(fanIn);
    try (TensorArena scratch = TensorArena.open(store.device(), "scratch")) {
      Tensor x = scratch.empty(DType.F32, parameter.shape());
      store.device().backend().random(RandomKind.UNIFORM, seed, x);
      store.device().kernels().binaryScalar(BinaryKind.MULTIPLY, x, 2 * bound, x, scratch);
      store.device().kernels().binaryScalar(BinaryKind.SUBTRACT, x, bound, x, scratch);
      parameter.set(x);
    }
  }

  /** Takes over the weights of a gate of the same sizes. */
  public void copyFrom(GatingNetwork other) {
    List<Parameter> from = other.parameters();
    List<Parameter> to = parameters();
    for (int i = 0; i < to.size(); i++) {
      to.get(i).set(from.get(i).value());
    }
  }
}
