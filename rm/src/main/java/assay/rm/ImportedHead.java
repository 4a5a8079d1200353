package assay.rm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.Safetensors;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.TensorEntry;
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
 */
public record ImportedHead(
    Layout layout,
    String weight,
    Optional<String> bias,
    Optional<Path> file,
    double mean,
    double standardDeviation) {
  private static final String VALUE_HEAD = "v_head.summary.weight";
  private static final String VALUE_HEAD_BIAS = "v_head.summary.bias";
  private static final String VALUE_HEAD_FILE = "value_head.safetensors";
  private static final String VALUE_HEAD_PICKLE = "value_head.bin";
  private static final String OPENRLHF_HEAD = "value_head";

  /** Where a head was looked for, for messages. */
  static final String LOOKED_FOR =
      "looked for score.weight (transformers, TRL, Skywork), value_head.weight (OpenRLHF) and"
          + " v_head.summary.weight (LLaMA-Factory, TRL's value heads)";

  /** Whose layout it is. */
  public enum Layout {
    OPENRLHF,
    VALUE_HEAD
  }

  /**
   * Finds one in a model folder.
   *
   * @return empty if there is none, but perhaps a head where transformers has it
   * @throws InvalidInputException if there is one that cannot be read
   */
  static Optional<ImportedHead> find(Path folder, ModelConfig config) {
    Path file = folder.resolve(VALUE_HEAD_FILE);
    if (Files.exists(file)) {
      return Optional.of(valueHead(Optional.of(file)));
    }
    if (Files.exists(folder.resolve(VALUE_HEAD_PICKLE))) {
      throw new InvalidInputException(
          folder.resolve(VALUE_HEAD_PICKLE)
              + ": is a pickle, which can run any program and is not read; save the head as "
              + VALUE_HEAD_FILE);
    }
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      if (checkpoint.contains(VALUE_HEAD)) {
        return Optional.of(valueHead(Optional.empty()));
      }
      Object prefix = config.json().getOrDefault("value_head_prefix", OPENRLHF_HEAD);
      String weight = prefix + ".weight";
      boolean named = config.json().containsKey("value_head_prefix");
      boolean isOpenRlhf = named || !weight.equals(ClassifierNetwork.HEAD + ".weight");
      return isOpenRlhf && checkpoint.contains(weight)
          ? Optional.of(openRlhf(weight, config))
          : Optional.empty();
    }
  }

  private static ImportedHead valueHead(Optional<Path> file) {
    return new ImportedHead(
        Layout.VALUE_HEAD, VALUE_HEAD, Optional.of(VALUE_HEAD_BIAS), file, 0, 1);
  }

  private static ImportedHead openRlhf(String weight, ModelConfig config) {
    boolean normalizes = Boolean.TRUE.equals(config.json().get("normalize_reward"));
    return new ImportedHead(
        Layout.OPENRLHF,
        weight,
        Optional.empty(),
        Optional.empty(),
        normalizes ? number(config, "mean", 0) : 0,
        normalizes ? number(config, "std", 1) : 1);
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

  /** Fills a network's head, and its bias if it has one. */
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
    set(network.headWeight(), scaled(weights));
    double shift = (constant - mean) / standardDeviation;
    network.headBias().ifPresent(parameter -> set(parameter, shift));
  }

  private double[] scaled(float[] weights) {
    double[] scaled = new double[weights.length];
    Arrays.setAll(scaled, i -> weights[i] / standardDeviation);
    return scaled;
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
    String normalized =
        standardDeviation == 1 && mean == 0
            ? ""
            : ", less %s and divided by %s".formatted(mean, standardDeviation);
    return switch (layout) {
      case OPENRLHF -> "OpenRLHF's %s, texts end with EOS%s".formatted(weight, normalized);
      case VALUE_HEAD ->
          "%s and its bias%s"
              .formatted(weight, file.map(path -> " of " + path.getFileName()).orElse(""));
    };
  }

  /** Tensors that are no trunk's, for a message about a head that is nowhere. */
  static List<String> others(ShardedCheckpoint checkpoint, ClassifierNetwork network) {
    return checkpoint.names().stream()
        .filter(name -> network.store().all().stream().noneMatch(p -> p.name().equals(name)))
        .limit(5)
        .toList();
  }
}
