package assay.nn.checkpoint;

import assay.nn.TransformerConfig;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * A model's config.json: what it means, and every key as it stood, so that writing keeps what this
 * project does not know.
 *
 * @param source the file's name, for messages
 * @param family the kind of decoder
 * @param transformer the decoder's mathematics
 * @param architectures transformers' class names, first the model's own; may be empty
 * @param dtype of the stored weights, as the file says ({@code float32}, {@code bfloat16}, ...);
 *     the weights' own files decide
 * @param bosTokenId begin of sequence
 * @param eosTokenIds end of sequence, or of a turn; may be several or none
 * @param padTokenId transformers reads a classifier's score before the padding it names
 * @param labels one per output of a classifier's head
 * @param problemType {@code regression} for a reward model
 * @param json the file's keys in order: String, Long, Double, Boolean, null, List, Map
 */
public record ModelConfig(
    String source,
    ModelFamily family,
    TransformerConfig transformer,
    List<String> architectures,
    Optional<String> dtype,
    OptionalInt bosTokenId,
    List<Integer> eosTokenIds,
    OptionalInt padTokenId,
    List<String> labels,
    Optional<String> problemType,
    Map<String, Object> json) {

  /** The file's name in a model folder. */
  public static final String FILE = "config.json";

  private static final int MAX_LABELS = 1 << 16;

  /**
   * Reads the config.json of a model folder.
   *
   * @throws InvalidInputException if there is none, or it describes something unsupported
   */
  public static ModelConfig read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          folder + ": has no " + FILE + "; expected a folder in Hugging Face layout");
    }
    return of(Json.readObject(file));
  }

  /**
   * Reads the text of a config.json.
   *
   * @param source its name, for messages
   */
  public static ModelConfig parse(String json, String source) {
    return of(Json.parseObject(json.getBytes(StandardCharsets.UTF_8), source));
  }

  private static ModelConfig of(JsonObject config) {
    ConfigReader reader = new ConfigReader(config);
    ModelFamily family = reader.family();
    String dtype = config.string("dtype", config.string("torch_dtype", null));
    return new ModelConfig(
        config.source(),
        family,
        reader.transformer(),
        List.copyOf(config.strings("architectures")),
        Optional.ofNullable(dtype),
        tokenId(config, family, "bos_token_id"),
        tokenIds(config, family, "eos_token_id"),
        tokenId(config, family, "pad_token_id"),
        labels(config),
        Optional.ofNullable(config.string("problem_type", null)),
        config.values());
  }

  private static OptionalInt tokenId(JsonObject config, ModelFamily family, String key) {
    List<Integer> ids = tokenIds(config, family, key);
    if (ids.size() > 1) {
      throw config.error(key, "expected one token id, found " + ids.size());
    }
    return ids.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ids.getFirst());
  }

  /** Some files write -1 for none. */
  private static List<Integer> tokenIds(JsonObject config, ModelFamily family, String key) {
    List<Integer> ids =
        config.values().containsKey(key)
            ? config.integers(key, -1, Integer.MAX_VALUE)
            : List.of(family.defaultTokenId(key));
    return ids.stream().filter(id -> id >= 0).toList();
  }

  /** transformers counts id2label; without it num_labels holds, and without that there are two. */
  private static List<String> labels(JsonObject config) {
    JsonObject names = config.object("id2label");
    int count = config.has("id2label") ? names.values().size() : 2;
    int numLabels =
        config.has("num_labels") ? config.integer("num_labels", 0, MAX_LABELS, count) : count;
    if (config.has("id2label") && numLabels != count) {
      throw config.error("num_labels", numLabels + ", but id2label names " + count + " labels");
    }
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < numLabels; i++) {
      String id = Integer.toString(i);
      if (config.has("id2label") && !names.has(id)) {
        throw names.error(id, "is missing; expected labels from 0 to " + (count - 1));
      }
      labels.add(names.string(id, "LABEL_" + i));
    }
    return Collections.unmodifiableList(labels);
  }

  /** Outputs of a classifier's head: 1 for a Bradley-Terry reward model. */
  public int numLabels() {
    return labels.size();
  }

  /** A model that says which token comes next. */
  public boolean isLanguageModel() {
    return architectures.stream().anyMatch(name -> name.endsWith("ForCausalLM"));
  }

  /** A model whose head maps the last state to labels, or to a reward. */
  public boolean isClassifier() {
    return architectures.stream().anyMatch(name -> name.endsWith("ForSequenceClassification"));
  }

  /**
   * The same model with some keys replaced, as a recipe's {@code model_overrides} asks. A smaller
   * {@code num_hidden_layers} keeps the first entries of {@code layer_types}.
   *
   * @throws InvalidInputException if a key is none that the model's mathematics depends on
   */
  public ModelConfig withOverrides(Map<String, Object> overrides) {
    Map<String, Object> changed = new LinkedHashMap<>(json);
    overrides.forEach(
        (key, value) -> {
          if (!ConfigReader.KEYS.contains(key)) {
            throw new InvalidInputException(
                "model_overrides: unknown key "
                    + Quote.of(key)
                    + "; known: "
                    + String.join(", ", new TreeSet<>(ConfigReader.KEYS)));
          }
          changed.put(key, value instanceof Integer number ? (Object) number.longValue() : value);
        });
    if (!overrides.containsKey("layer_types")
        && changed.get("layer_types") instanceof List<?> types
        && changed.get("num_hidden_layers") instanceof Long numLayers
        && numLayers >= 0
        && numLayers < types.size()) {
      changed.put("layer_types", List.copyOf(types.subList(0, Math.toIntExact(numLayers))));
    }
    String name = source + " with model_overrides";
    return of(new JsonObject(name, "", Collections.unmodifiableMap(changed)));
  }

  /**
   * This model as a reward model: transformers' sequence classifier of the family with unnamed
   * labels, whose outputs are rewards as they are ({@code problem_type} regression; without it
   * serving programs apply a sigmoid).
   *
   * @param numLabels outputs of the head
   * @param padTokenId a token that never ends a conversation
   * @param vocabSize rows of the embedding as it will be stored
   * @param dtype of the weights as they will be stored
   */
  public ModelConfig asClassifier(int numLabels, int padTokenId, int vocabSize, DType dtype) {
    Map<String, Object> id2label = new LinkedHashMap<>();
    Map<String, Object> label2id = new LinkedHashMap<>();
    for (int i = 0; i < numLabels; i++) {
      id2label.put(Integer.toString(i), "LABEL_" + i);
      label2id.put("LABEL_" + i, (long) i);
    }
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("id2label", id2label);
    keys.put("label2id", label2id);
    keys.put("problem_type", "regression");
    keys.put("pad_token_id", (long) padTokenId);
    keys.put("vocab_size", (long) vocabSize);
    return asArchitecture(family.classifierClass(), dtype, keys);
  }

  /**
   * This model as a language model, which is how a pairwise preference model is stored.
   *
   * @param dtype of the weights as they will be stored
   */
  public ModelConfig asLanguageModel(DType dtype) {
    return asArchitecture(family.causalClass(), dtype, Map.of());
  }

  /**
   * This model under another class of transformers, with keys that the class reads of its own.
   *
   * @param architecture the class, for example {@code LlamaForRewardModelWithGating}
   * @param dtype of the weights as they will be stored
   * @param keys values as in {@link #json}; they replace what was there
   */
  public ModelConfig asArchitecture(String architecture, DType dtype, Map<String, Object> keys) {
    Map<String, Object> changed = new LinkedHashMap<>(json);
    changed.put("architectures", List.of(architecture));
    changed.put("dtype", torchName(dtype));
    changed.replace("torch_dtype", torchName(dtype));
    // The number of labels is counted; code that came with the source is for another class.
    changed.remove("num_labels");
    changed.remove("auto_map");
    // What OpenRLHF says of its own head.
    List.of("value_head_prefix", "normalize_reward", "mean", "std").forEach(changed::remove);
    changed.putAll(keys);
    return of(new JsonObject(source, "", Collections.unmodifiableMap(changed)));
  }

  private static String torchName(DType dtype) {
    return switch (dtype) {
      case F64 -> "float64";
      case F32 -> "float32";
      case BF16 -> "bfloat16";
      case I32, I16 -> throw new IllegalArgumentException("weights are not integers");
    };
  }

  /** Writes config.json into a folder. */
  public void write(Path folder) {
    try {
      DurableFiles.write(folder.resolve(FILE), JsonPrinter.print(json));
    } catch (IOException e) {
      throw new UncheckedIOException(folder.resolve(FILE) + " can't be written", e);
    }
  }
}
