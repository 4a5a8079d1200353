package assay.nn.checkpoint;

import assay.nn.LayerConfig;
import assay.nn.RopeConfig;
import assay.nn.TransformerConfig;
import assay.tensor.ActivationKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * From the keys of a config.json to what they mean. Each rule is the one of the family's
 * configuration class in transformers 5.23.0; what this project can't compute is refused by name.
 */
final class ConfigReader {
  /** No model comes near; a number above is a typo or an attack, and must not be allocated for. */
  private static final int MAX_LAYERS = 4096;

  private static final int MAX_SIZE = 1 << 24;

  /** Keys whose presence changes the mathematics in a way that is not built. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "quantization_config", "quantized weights are not supported",
          "per_layer_config", "layers that differ in size are not supported",
          "num_local_experts", "mixtures of experts are not supported",
          "num_experts", "mixtures of experts are not supported");

  private final JsonObject config;
  private final ModelFamily family;
  private final ModelFamily.Sizes defaults;

  /** Every key that {@link #transformer} reads: what an override may be about. */
  static final Set<String> KEYS =
      Set.of(
          "vocab_size",
          "hidden_size",
          "intermediate_size",
          "num_hidden_layers",
          "num_attention_heads",
          "num_key_value_heads",
          "head_dim",
          "hidden_act",
          "hidden_activation",
          "max_position_embeddings",
          "initializer_range",
          "rms_norm_eps",
          "tie_word_embeddings",
          "attention_bias",
          "mlp_bias",
          "rope_theta",
          "rope_local_base_freq",
          "rope_scaling",
          "rope_parameters",
          "sliding_window",
          "sliding_window_pattern",
          "use_sliding_window",
          "max_window_layers",
          "layer_types",
          "query_pre_attn_scalar",
          "attn_logit_softcapping",
          "final_logit_softcapping");

  ConfigReader(JsonObject config) {
    this.config = config;
    this.family = family(config);
    this.defaults = family.sizes();
  }

  private static ModelFamily family(JsonObject config) {
    String modelType = config.string("model_type", "");
    if (modelType.isEmpty()) {
      throw config.error("model_type", "is missing; supported: " + ModelFamily.supported());
    }
    return ModelFamily.of(modelType)
        .orElseThrow(
            () ->
                config.error(
                    "model_type",
                    Quote.of(modelType)
                        + " is not supported; supported: "
                        + ModelFamily.supported()));
  }

  ModelFamily family() {
    return family;
  }

  TransformerConfig transformer() {
    refuseUnsupported();
    int hiddenSize = config.integer("hidden_size", 1, MAX_SIZE, defaults.hiddenSize());
    int numHeads = config.integer("num_attention_heads", 1, MAX_SIZE, defaults.numHeads());
    int headDim = headDim(hiddenSize, numHeads);
    int maxPositions =
        config.integer(
            "max_position_embeddings", 1, Integer.MAX_VALUE, defaults.maxPositionEmbeddings());
    boolean attentionBias = readsAttentionBias() && config.bool("attention_bias", false);
    return new TransformerConfig(
        family.modelType(),
        config.integer("vocab_size", 1, Integer.MAX_VALUE, defaults.vocabSize()),
        hiddenSize,
        config.integer("intermediate_size", 1, MAX_SIZE, defaults.intermediateSize()),
        numHeads,
        numKeyValueHeads(numHeads),
        headDim,
        config.positive("rms_norm_eps", 1e-6),
        family.isGemma(),
        activation(),
        family.isGemma() ? Math.sqrt(hiddenSize) : 1,
        1 / Math.sqrt(queryScalar(headDim)),
        family == ModelFamily.GEMMA2 ? softCap("attn_logit_softcapping", 50) : 0,
        logitSoftCap(),
        attentionBias || family == ModelFamily.QWEN2,
        attentionBias,
        family == ModelFamily.LLAMA && config.bool("mlp_bias", false),
        family.hasQueryKeyNorm(),
        family.hasPostNorms(),
        config.bool("tie_word_embeddings", family.isGemma()),
        maxPositions,
        config.number("initializer_range", 0.02),
        layers(maxPositions));
  }

  private void refuseUnsupported() {
    REFUSED.forEach(
        (key, why) -> {
          if (config.has(key)) {
            throw config.error(key, why);
          }
        });
    for (String key : List.of("use_bidirectional_attention", "is_encoder_decoder")) {
      if (config.bool(key, false)) {
        throw config.error(key, "only causal decoders are supported");
      }
    }
    if (family == ModelFamily.MISTRAL && config.values().containsKey("layer_types")) {
      throw config.error("layer_types", "makes this a Ministral, which is not supported");
    }
    if (family == ModelFamily.GEMMA3_TEXT && config.has("attn_logit_softcapping")) {
      throw config.error("attn_logit_softcapping", "transformers' Gemma 3 ignores it: set null");
    }
  }

  private int headDim(int hiddenSize, int numHeads) {
    boolean derived = defaults.headDim() == 0 && !config.has("head_dim");
    if (derived && hiddenSize % numHeads != 0) {
      throw config.error(
          "hidden_size", hiddenSize + " is not a multiple of " + numHeads + " heads");
    }
    int headDim =
        derived
            ? hiddenSize / numHeads
            : config.integer("head_dim", 1, MAX_SIZE, defaults.headDim());
    if (headDim % 2 != 0) {
      throw config.error("head_dim", headDim + " is odd, but rope turns pairs");
    }
    if ((long) headDim * numHeads > MAX_SIZE) {
      throw config.error(
          "num_attention_heads", numHeads + " heads of " + headDim + " are too large");
    }
    return headDim;
  }

  private int numKeyValueHeads(int numHeads) {
    String key = "num_key_value_heads";
    int absent = defaults.numKeyValueHeads() == 0 ? numHeads : defaults.numKeyValueHeads();
    int numKeyValueHeads = config.isNull(key) ? numHeads : config.integer(key, 1, MAX_SIZE, absent);
    if (numHeads % numKeyValueHeads != 0) {
      throw config.error(
          key, numKeyValueHeads + " does not divide num_attention_heads, " + numHeads);
    }
    return numKeyValueHeads;
  }

  /** Gemma's early files say gelu, or nothing, and mean the tanh form. */
  private ActivationKind activation() {
    String key = family.activationKey();
    String name = config.string(key, "");
    if (name.isEmpty() || (family == ModelFamily.GEMMA && name.equals("gelu"))) {
      return family.defaultActivation();
    }
    return switch (name) {
      case "silu", "swish" -> ActivationKind.SILU;
      case "gelu_pytorch_tanh" -> ActivationKind.GELU_TANH;
      default ->
          throw config.error(
              key, Quote.of(name) + " is not supported; supported: silu, gelu_pytorch_tanh");
    };
  }

  /** Attention scores are divided by its root. */
  private double queryScalar(int headDim) {
    return family.hasPostNorms() ? config.positive("query_pre_attn_scalar", 256) : headDim;
  }

  private double softCap(String key, double absent) {
    return config.has(key) ? config.positive(key, 0) : config.isNull(key) ? 0 : absent;
  }

  private double logitSoftCap() {
    return switch (family) {
      case GEMMA2 -> softCap("final_logit_softcapping", 30);
      case GEMMA3_TEXT -> softCap("final_logit_softcapping", 0);
      default -> 0;
    };
  }

  /** Mistral and Qwen2 have fixed biases and no key for them. */
  private boolean readsAttentionBias() {
    return family != ModelFamily.MISTRAL && family != ModelFamily.QWEN2;
  }

  private List<LayerConfig> layers(int maxPositions) {
    int numLayers = config.integer("num_hidden_layers", 1, MAX_LAYERS, defaults.numLayers());
    List<String> types = layerTypes(numLayers);
    int window = types.contains(RopeReader.SLIDING) ? slidingWindow() : 0;
    RopeReader ropeReader = new RopeReader(config, maxPositions);
    Map<String, RopeConfig> ropes =
        family == ModelFamily.GEMMA3_TEXT ? ropeReader.readByLayerType() : both(ropeReader.read());
    List<LayerConfig> layers = new ArrayList<>(numLayers);
    for (String type : types) {
      layers.add(new LayerConfig(type.equals(RopeReader.SLIDING) ? window : 0, ropes.get(type)));
    }
    return layers;
  }

  private static Map<String, RopeConfig> both(RopeConfig rope) {
    return Map.of(RopeReader.FULL, rope, RopeReader.SLIDING, rope);
  }

  /** For each layer whether it slides, from layer_types or by the family's rule. */
  private List<String> layerTypes(int numLayers) {
    boolean listed = family.hasPostNorms() || family.isQwen();
    if (listed && config.has("layer_types")) {
      List<String> types = config.strings("layer_types");
      if (types.size() != numLayers) {
        throw config.error(
            "layer_types", "has " + types.size() + " entries, num_hidden_layers is " + numLayers);
      }
      for (String type : types) {
        if (!Set.of(RopeReader.FULL, RopeReader.SLIDING).contains(type)) {
          throw config.error("layer_types", Quote.of(type) + " is not supported");
        }
      }
      return types;
    }
    List<String> types = new ArrayList<>(numLayers);
    for (int i = 0; i < numLayers; i++) {
      types.add(slides(i) ? RopeReader.SLIDING : RopeReader.FULL);
    }
    return types;
  }

  /** The family's own rule, for configurations that list no layer types. */
  private boolean slides(int layer) {
    return switch (family) {
      case LLAMA, GEMMA -> false;
      case MISTRAL -> !config.isNull("sliding_window");
      case GEMMA2 -> layer % 2 == 0;
      case GEMMA3_TEXT -> {
        int pattern = config.integer("sliding_window_pattern", 1, Integer.MAX_VALUE, 6);
        yield (layer + 1) % pattern != 0;
      }
      case QWEN2, QWEN3 ->
          qwenSlides() && layer >= config.integer("max_window_layers", 0, Integer.MAX_VALUE, 28);
    };
  }

  private boolean qwenSlides() {
    return config.bool("use_sliding_window", false) && !config.isNull("sliding_window");
  }

  private int slidingWindow() {
    if (family.isQwen() && !config.bool("use_sliding_window", false)) {
      throw config.error("layer_types", "some layers slide, but use_sliding_window is not true");
    }
    return config.integer("sliding_window", 1, Integer.MAX_VALUE, 4096);
  }
}
