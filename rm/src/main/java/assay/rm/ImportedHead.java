package assay.rm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.Safetensors;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.TensorEntry;
import assay.nn.checkpoint.WeightMatch;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import assay.tensor.TensorArena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A Bradley-Terry head that another trainer left in a layout of its own.
 *
 * <pre>
 * transformers, TRL, Skywork   score.weight: what this project writes too, so nothing is imported
 * OpenRLHF                     value_head.weight, or as config.json's value_head_prefix says
 * LLaMA-Factory                v_head.summary.weight and .bias in value_head.safetensors, beside a
 *                              language model; TRL's value heads have them among its weights
 * </pre>
 *
 * <p>A head may have a bias, and OpenRLHF divides what it says by a standard deviation. Neither
 * changes which answer is better, but rewards are those that the model's own trainer would print:
 * {@code (w h + bias - mean) / std}. Models that are trained further lose both.
 *
 * @param layout whose it is
 * @param weight the name of the tensor {@code [1, hidden]}
 * @param bias the name of the tensor {@code [1]}; empty if there is none
 * @param file that they are in, where it is not the model's own
 * @param mean subtracted from every reward
 * @param standardDeviation that every reward is divided by
 * @param remark what else a person should know of the rewards; may be empty
 */
public record ImportedHead(
    Layout layout,
    String weight,
    Optional<String> bias,
    Optional<Path> file,
    double mean,
    double standardDeviation,
    String remark) {
  private static final String VALUE_HEAD = "v_head.summary.weight";
  private static final String VALUE_HEAD_BIAS = "v_head.summary.bias";
  private static final String VALUE_HEAD_FILE = "value_head.safetensors";
  private static final String VALUE_HEAD_PICKLE = "value_head.bin";
  private static final String OPENRLHF_HEAD = "value_head";
  private static final int MOST_LISTED = 5;

  private static final String CLASSIFIER_HEAD = ClassifierNetwork.HEAD + ".weight";

  /** Whose layout it is. */
  public enum Layout {
    OPENRLHF,
    VALUE_HEAD
  }

  /**
   * Finds one in a model folder; nothing is read but names. A folder with a contract is this
   * project's.
   *
   * @return empty if there is none, but perhaps a head where transformers has it; also if there are
   *     no weights yet
   * @throws InvalidInputException if there is one that cannot be read, or is in no layout that this
   *     project knows
   */
  static Optional<ImportedHead> find(Path folder, ModelConfig config) {
    if (Files.exists(folder.resolve(Contract.FILE)) || !ShardedCheckpoint.exists(folder)) {
      return Optional.empty();
    }
    Path file = folder.resolve(VALUE_HEAD_FILE);
    if (Files.exists(file)) {
      return Optional.of(valueHead(Optional.of(file)));
    }
    if (Files.exists(folder.resolve(VALUE_HEAD_PICKLE))) {
      throw new InvalidInputException(
          folder.resolve(VALUE_HEAD_PICKLE)
              + ": is a pickle, which can run any program and is not read; write it again with"
              + " safetensors.torch.save_file(torch.load('value_head.bin'), '"
              + VALUE_HEAD_FILE
              + "')");
    }
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      if (checkpoint.contains(VALUE_HEAD)) {
        return Optional.of(valueHead(Optional.empty()));
      }
      Optional<String> weight = openRlhfWeight(checkpoint, config);
      if (weight.isEmpty()) {
        checkKnown(checkpoint, config);
      }
      return weight.map(name -> openRlhf(name, config));
    }
  }

  /** Its versions of 2026 keep the name in config.json, but store what transformers stores. */
  private static Optional<String> openRlhfWeight(ShardedCheckpoint checkpoint, ModelConfig config) {
    Object prefix = config.json().get("value_head_prefix");
    List<String> names =
        prefix == null
            ? List.of(OPENRLHF_HEAD + ".weight")
            : List.of(prefix + ".weight", CLASSIFIER_HEAD);
    return names.stream().filter(checkpoint::contains).findFirst();
  }

  /** Said before any work: a classifier that lost its head, or a head that nobody here knows. */
  private static void checkKnown(ShardedCheckpoint checkpoint, ModelConfig config) {
    List<String> heads = WeightMatch.heads(checkpoint);
    boolean isKnown =
        config.isClassifier()
            ? heads.contains(CLASSIFIER_HEAD)
            : heads.isEmpty() || heads.equals(List.of(CLASSIFIER_HEAD));
    if (!isKnown && !ArmoRmConfig.describes(config)) {
      Object prefix = config.json().getOrDefault("value_head_prefix", OPENRLHF_HEAD);
      throw new InvalidInputException(
          "%s: no reward head that this program knows: looked for %s (transformers, TRL, Skywork),"
                  .formatted(checkpoint.source(), CLASSIFIER_HEAD)
              + " %s.weight (OpenRLHF), %s, also in %s (LLaMA-Factory, TRL's value heads), and an"
                  .formatted(prefix, VALUE_HEAD, VALUE_HEAD_FILE)
              + " ArmoRM's class; found the class %s and, beside the decoder, %s"
                  .formatted(config.architectures(), list(heads)));
    }
  }

  private static String list(List<String> names) {
    int more = names.size() - MOST_LISTED;
    return names.isEmpty()
        ? "no tensor"
        : String.join(", ", names.subList(0, Math.min(MOST_LISTED, names.size())))
            + (more > 0 ? " and " + more + " more" : "");
  }

  private static ImportedHead valueHead(Optional<Path> file) {
    return new ImportedHead(
        Layout.VALUE_HEAD,
        VALUE_HEAD,
        Optional.of(VALUE_HEAD_BIAS),
        file,
        0,
        1,
        "; conversations end as the chat template has it, which need not be LLaMA-Factory's own");
  }

  /**
   * OpenRLHF writes mean and std after each evaluation, but it is whoever loads the model that asks
   * for the normalization: its training of reward models stores false.
   */
  private static ImportedHead openRlhf(String weight, ModelConfig config) {
    boolean normalizes = Boolean.TRUE.equals(config.json().get("normalize_reward"));
    double mean = normalizes ? number(config, "mean", 0) : 0;
    double standardDeviation = normalizes ? number(config, "std", 1) : 1;
    String remark =
        normalizes
            ? "; from rewards %s is subtracted, then they are divided by %s"
                .formatted(mean, standardDeviation)
            : config.json().containsKey("mean")
                ? "; mean and std of config.json are not applied, since normalize_reward is not true"
                : "";
    return new ImportedHead(
        Layout.OPENRLHF,
        weight,
        Optional.empty(),
        Optional.empty(),
        mean,
        standardDeviation,
        remark);
  }

  private static double number(ModelConfig config, String key, double otherwise) {
    Object value = config.json().getOrDefault(key, otherwise);
    boolean usable =
        value instanceof Number number
            && Double.isFinite(number.doubleValue())
            && (!key.equals("std") || number.doubleValue() > 0);
    if (!usable) {
      throw new InvalidInputException(
          config.source() + ": " + key + ": expected a number to normalize rewards by: " + value);
    }
    return ((Number) value).doubleValue();
  }

  /** Whether a model's conversations end with EOS: its contract says it, else whose head it has. */
  static boolean endsWithEos(Optional<Contract> contract, Optional<ImportedHead> imported) {
    return contract
        .map(Contract::endsWithEos)
        .orElse(imported.map(ImportedHead::endsWithEos).orElse(false));
  }

  /**
   * Whether its trainer put an end-of-sequence token at the end of every text, where the template
   * had none, so that the reward is read there.
   */
  boolean endsWithEos() {
    return layout == Layout.OPENRLHF;
  }

  /** Its tensors' names, as far as they are among the model's own weights. */
  Set<String> namesInCheckpoint() {
    Set<String> names = new LinkedHashSet<>();
    if (file.isEmpty()) {
      names.add(weight);
      bias.ifPresent(names::add);
    }
    return names;
  }

  /** Fills a network's head and bias; one without, which is trained, gets the bare weights. */
  void load(ClassifierNetwork network, ShardedCheckpoint checkpoint) {
    if (file.isPresent()) {
      try (Safetensors own = Safetensors.open(file.get())) {
        load(network, own.entry(weight), bias.map(own::entry), file.get().toString());
      }
    } else {
      load(network, checkpoint.entry(weight), bias.map(checkpoint::entry), checkpoint.source());
    }
  }

  private void load(
      ClassifierNetwork network, TensorEntry entry, Optional<TensorEntry> bias, String source) {
    int hidden = network.config().hiddenSize();
    float[] weights = numbers(entry, weight, hidden, source);
    double constant = 0;
    if (bias.isPresent()) {
      constant = numbers(bias.get(), VALUE_HEAD_BIAS, 1, source)[0];
    }
    double divisor = network.headBias().isPresent() ? standardDeviation : 1;
    double[] scaled = new double[hidden];
    Arrays.setAll(scaled, i -> weights[i] / divisor);
    set(network.headWeight(), scaled);
    double shift = (constant - mean) / divisor;
    network.headBias().ifPresent(parameter -> set(parameter, shift));
  }

  private static float[] numbers(TensorEntry entry, String name, int size, String source) {
    float[] numbers = entry.toFloats();
    if (numbers.length != size) {
      throw new InvalidInputException(
          "%s: %s has %d numbers; a head of one reward has %d"
              .formatted(source, name, numbers.length, size));
    }
    return numbers;
  }

  private static void set(Parameter parameter, double... values) {
    try (TensorArena scratch = TensorArena.open(parameter.device(), "scratch")) {
      parameter.set(scratch.of(DType.F32, parameter.shape(), values));
    }
  }

  /** For a person. */
  public String describe() {
    return switch (layout) {
      case OPENRLHF ->
          "OpenRLHF's %s; conversations end with EOS, as it trains them%s"
              .formatted(weight, remark);
      case VALUE_HEAD ->
          "%s and its bias%s%s"
              .formatted(weight, file.map(path -> " of " + path.getFileName()).orElse(""), remark);
    };
  }
}
