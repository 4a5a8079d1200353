package assay.nn.checkpoint;

import assay.nn.TransformerConfig;
import assay.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors of a decoder, by the names under which transformers stores them.
 *
 * <p>A linear layer's weight is [outputs, inputs]: y = x W^T + b.
 */
public final class WeightNames {
  public static final String EMBEDDING = "model.embed_tokens.weight";
  public static final String FINAL_NORM = "model.norm.weight";

  /** Of a language model; absent where it is tied to the embedding. */
  public static final String LANGUAGE_MODEL_HEAD = "lm_head.weight";

  /** Of a sequence classifier: [numLabels, hiddenSize], without bias. */
  public static final String SCORE = "score.weight";

  /** A tensor that a checkpoint must hold. */
  public record Weight(String name, Shape shape) {}

  private final TransformerConfig config;
  private final List<Weight> weights = new ArrayList<>();

  private WeightNames(TransformerConfig config) {
    this.config = config;
  }

  /** Everything below the heads, from the input up. */
  public static List<Weight> trunk(TransformerConfig config) {
    WeightNames names = new WeightNames(config);
    names.add(EMBEDDING, config.vocabSize(), config.hiddenSize());
    for (int i = 0; i < config.numLayers(); i++) {
      String layer = "model.layers." + i + ".";
      names.addAttention(layer);
      names.addMlp(layer);
    }
    names.add(FINAL_NORM, config.hiddenSize());
    return List.copyOf(names.weights);
  }

  /** A reward model's: the trunk, and a head of so many outputs. */
  public static List<Weight> classifier(TransformerConfig config, int numLabels) {
    List<Weight> all = new ArrayList<>(trunk(config));
    all.add(new Weight(SCORE, Shape.of(numLabels, config.hiddenSize())));
    return all;
  }

  /** A language model's: the trunk, and unless it is the embedding a head over the vocabulary. */
  public static List<Weight> languageModel(TransformerConfig config) {
    List<Weight> all = new ArrayList<>(trunk(config));
    if (!config.tieWordEmbeddings()) {
      all.add(new Weight(LANGUAGE_MODEL_HEAD, Shape.of(config.vocabSize(), config.hiddenSize())));
    }
    return all;
  }

  private void addAttention(String layer) {
    int hidden = config.hiddenSize();
    int query = config.queryDim();
    int keyValue = config.keyValueDim();
    boolean bias = config.queryKeyValueBias();
    add(layer + "input_layernorm.weight", hidden);
    addLinear(layer + "self_attn.q_proj", query, hidden, bias);
    addLinear(layer + "self_attn.k_proj", keyValue, hidden, bias);
    addLinear(layer + "self_attn.v_proj", keyValue, hidden, bias);
    if (config.queryKeyNorm()) {
      add(layer + "self_attn.q_norm.weight", config.headDim());
      add(layer + "self_attn.k_norm.weight", config.headDim());
    }
    addLinear(layer + "self_attn.o_proj", hidden, query, config.outputBias());
  }

  /** With post norms "post_attention" is after attention; without them it is before the MLP. */
  private void addMlp(String layer) {
    int hidden = config.hiddenSize();
    int inner = config.intermediateSize();
    add(layer + "post_attention_layernorm.weight", hidden);
    if (config.postNorms()) {
      add(layer + "pre_feedforward_layernorm.weight", hidden);
    }
    addLinear(layer + "mlp.gate_proj", inner, hidden, config.mlpBias());
    addLinear(layer + "mlp.up_proj", inner, hidden, config.mlpBias());
    addLinear(layer + "mlp.down_proj", hidden, inner, config.mlpBias());
    if (config.postNorms()) {
      add(layer + "post_feedforward_layernorm.weight", hidden);
    }
  }

  private void addLinear(String name, int outputs, int inputs, boolean bias) {
    add(name + ".weight", outputs, inputs);
    if (bias) {
      add(name + ".bias", outputs);
    }
  }

  private void add(String name, int... dims) {
    weights.add(new Weight(name, Shape.of(dims)));
  }
}
