package assay.nn.checkpoint;

import assay.tensor.ActivationKind;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The model families that can be read, and for each what its config.json leaves unsaid: the
 * defaults are those of transformers 5.23.0, which files rely on by omitting keys.
 */
public enum ModelFamily {
  LLAMA("llama", "Llama"),
  MISTRAL("mistral", "Mistral"),
  GEMMA("gemma", "Gemma"),
  GEMMA2("gemma2", "Gemma2"),
  GEMMA3_TEXT("gemma3_text", "Gemma3Text"),
  QWEN2("qwen2", "Qwen2"),
  QWEN3("qwen3", "Qwen3");

  /**
   * Sizes that hold where config.json has none.
   *
   * @param numKeyValueHeads 0 = as many as heads
   * @param headDim 0 = hiddenSize / numHeads
   */
  record Sizes(
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int numLayers,
      int numHeads,
      int numKeyValueHeads,
      int headDim,
      int maxPositionEmbeddings) {}

  private final String modelType;
  private final String classPrefix;

  ModelFamily(String modelType, String classPrefix) {
    this.modelType = modelType;
    this.classPrefix = classPrefix;
  }

  /** The family with this {@code model_type}, if it is one that can be read. */
  public static Optional<ModelFamily> of(String modelType) {
    return Arrays.stream(values()).filter(f -> f.modelType.equals(modelType)).findFirst();
  }

  /** All model types that can be read, for messages. */
  static String supported() {
    return Arrays.stream(values()).map(f -> f.modelType).collect(Collectors.joining(", "));
  }

  /** As config.json names it. */
  public String modelType() {
    return modelType;
  }

  /** The transformers class of a reward model of this family. */
  public String classifierClass() {
    return classPrefix + "ForSequenceClassification";
  }

  /** The transformers class of a language model of this family. */
  public String causalClass() {
    return (this == GEMMA3_TEXT ? "Gemma3" : classPrefix) + "ForCausalLM";
  }

  Sizes sizes() {
    return switch (this) {
      case LLAMA -> new Sizes(32000, 4096, 11008, 32, 32, 0, 0, 2048);
      case MISTRAL -> new Sizes(32000, 4096, 14336, 32, 32, 8, 0, 131072);
      case GEMMA -> new Sizes(256000, 3072, 24576, 28, 16, 16, 256, 8192);
      case GEMMA2 -> new Sizes(256000, 2304, 9216, 26, 8, 4, 256, 8192);
      case GEMMA3_TEXT -> new Sizes(262208, 2304, 9216, 26, 8, 4, 256, 131072);
      case QWEN2 -> new Sizes(151936, 4096, 22016, 32, 32, 32, 0, 32768);
      case QWEN3 -> new Sizes(151936, 4096, 22016, 32, 32, 32, 128, 32768);
    };
  }

  /** Any of Google's: norms multiply by 1 + weight, embeddings are scaled, gates are GELU. */
  boolean isGemma() {
    return this == GEMMA || this == GEMMA2 || this == GEMMA3_TEXT;
  }

  /** Gemma 2 and 3: four norms a layer, and a query scale of their own. */
  boolean hasPostNorms() {
    return this == GEMMA2 || this == GEMMA3_TEXT;
  }

  boolean hasQueryKeyNorm() {
    return this == GEMMA3_TEXT || this == QWEN3;
  }

  ActivationKind defaultActivation() {
    return isGemma() ? ActivationKind.GELU_TANH : ActivationKind.SILU;
  }

  /** Gemma 2 and 3 renamed the key. */
  String activationKey() {
    return hasPostNorms() ? "hidden_activation" : "hidden_act";
  }

  /** The token ids that hold where config.json has none; -1 = there is none. */
  int defaultTokenId(String key) {
    return switch (key) {
      case "pad_token_id" -> isGemma() ? 0 : -1;
      case "bos_token_id" -> isGemma() ? 2 : isQwen() ? -1 : 1;
      case "eos_token_id" -> isGemma() ? 1 : isQwen() ? -1 : 2;
      default -> throw new IllegalArgumentException(key);
    };
  }

  boolean isQwen() {
    return this == QWEN2 || this == QWEN3;
  }
}
