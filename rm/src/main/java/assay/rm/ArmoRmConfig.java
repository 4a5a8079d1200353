package assay.rm;

import assay.nn.checkpoint.ModelConfig;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What an ArmoRM's config.json says beyond its trunk's.
 *
 * @param numObjectives outputs of the regression layer and of the gate: 19 as published
 * @param gatingTemperature the gate's logits are divided by it: 10
 * @param gatingHiddenDim of the gate's hidden layers: 1024
 * @param gatingNumHidden the gate's hidden layers: 3
 * @param gatePattern before whose last occurrence the gate reads
 */
public record ArmoRmConfig(
    int numObjectives,
    double gatingTemperature,
    int gatingHiddenDim,
    int gatingNumHidden,
    GatePattern gatePattern) {

  /** The objectives of the published checkpoint, in the order of its outputs. */
  public static final List<String> PUBLISHED_OBJECTIVES =
      List.of(
          "helpsteer-helpfulness",
          "helpsteer-correctness",
          "helpsteer-coherence",
          "helpsteer-complexity",
          "helpsteer-verbosity",
          "ultrafeedback-overall_score",
          "ultrafeedback-instruction_following",
          "ultrafeedback-truthfulness",
          "ultrafeedback-honesty",
          "ultrafeedback-helpfulness",
          "beavertails-is_safe",
          "prometheus-score",
          "argilla-overall_quality",
          "argilla-judge_lm",
          "code-complexity",
          "code-style",
          "code-explanation",
          "code-instruction-following",
          "code-readability");

  private static final String CLASS_SUFFIX = "ForRewardModelWithGating";
  private static final int MAX_SIZE = 1 << 20;

  /** The names of a checkpoint that does not write them down. */
  List<String> publishedObjectives() {
    return numObjectives == PUBLISHED_OBJECTIVES.size()
        ? PUBLISHED_OBJECTIVES
        : IntStream.range(0, numObjectives).mapToObj(k -> "objective_" + k).toList();
  }

  /** Whether a config.json is that of an ArmoRM. */
  public static boolean describes(ModelConfig config) {
    return config.architectures().stream().anyMatch(name -> name.endsWith(CLASS_SUFFIX));
  }

  /**
   * Reads the keys {@code num_objectives, gating_temperature, gating_hidden_dim, gating_n_hidden}
   * and, if it is there, {@code gating_token_pattern}.
   *
   * @throws InvalidInputException naming the key that is missing or out of range
   */
  public static ArmoRmConfig of(ModelConfig config) {
    return new ArmoRmConfig(
        count(config, "num_objectives"),
        positive(config, "gating_temperature"),
        count(config, "gating_hidden_dim"),
        count(config, "gating_n_hidden"),
        pattern(config));
  }

  private static int count(ModelConfig config, String key) {
    if (config.json().get(key) instanceof Long value && value >= 1 && value <= MAX_SIZE) {
      return value.intValue();
    }
    throw wrong(config, key, "a whole number of at least 1");
  }

  private static double positive(ModelConfig config, String key) {
    if (config.json().get(key) instanceof Number value && value.doubleValue() > 0) {
      return value.doubleValue();
    }
    throw wrong(config, key, "a number above 0");
  }

  private static GatePattern pattern(ModelConfig config) {
    String key = "gating_token_pattern";
    if (!config.json().containsKey(key)) {
      return GatePattern.published(config)
          .orElseThrow(() -> wrong(config, key, "the ids between a question and its answer"));
    }
    List<Integer> tokens = new ArrayList<>();
    if (config.json().get(key) instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Long id && id >= 0 && id < config.transformer().vocabSize()) {
          tokens.add(id.intValue());
        }
      }
      if (!tokens.isEmpty() && tokens.size() == list.size()) {
        return new GatePattern(tokens);
      }
    }
    throw wrong(config, key, "a list of token ids");
  }

  private static InvalidInputException wrong(ModelConfig config, String key, String expected) {
    Object value = config.json().get(key);
    return new InvalidInputException(
        config.source()
            + ": "
            + key
            + ": expected "
            + expected
            + ", found "
            + (value == null ? "nothing; this is no ArmoRM" : value));
  }

  /**
   * A trunk's config.json as that of an ArmoRM.
   *
   * <p>{@code auto_map} names the Python file that transformers needs for this class. Without the
   * key it would open the folder as a plain classifier and draw a head at random; with it, and
   * without the file, it says what is missing.
   *
   * @param pad the token that padding is told from text by
   * @param dtype of the trunk's weights as they will be stored
   */
  ModelConfig write(ModelConfig trunk, PadTokenExport pad, DType dtype) {
    String architecture =
        trunk.family().classifierClass().replace("ForSequenceClassification", CLASS_SUFFIX);
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put(
        "auto_map",
        Map.of("AutoModelForSequenceClassification", "modeling_custom." + architecture));
    keys.put("id2label", Map.of("0", "LABEL_0"));
    keys.put("label2id", Map.of("LABEL_0", 0L));
    keys.put("pad_token_id", (long) pad.id());
    keys.put("vocab_size", (long) pad.vocabSize());
    keys.put("num_objectives", (long) numObjectives);
    keys.put("gating_temperature", number(gatingTemperature));
    keys.put("gating_hidden_dim", (long) gatingHiddenDim);
    keys.put("gating_n_hidden", (long) gatingNumHidden);
    keys.put("gating_token_pattern", gatePattern.tokens().stream().map(Long::valueOf).toList());
    return trunk.asArchitecture(architecture, dtype, keys);
  }

  /** The published file says 10, not 10.0. */
  private static Object number(double value) {
    return value == Math.rint(value) ? (Object) Math.round(value) : (Object) value;
  }
}
