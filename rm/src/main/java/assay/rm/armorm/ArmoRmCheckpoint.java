package assay.rm.armorm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.ShardedCheckpointWriter;
import assay.nn.checkpoint.TensorSpec;
import assay.nn.checkpoint.WeightLoader;
import assay.rm.RunFolder;
import assay.rm.TrainingSetup;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.TensorArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** An ArmoRM as a folder in the layout of the published checkpoint. */
public final class ArmoRmCheckpoint {
  /** Heads of the models that an ArmoRM is built on; it has its own. */
  private static final Set<String> OTHER_HEADS = Set.of("score.weight", "lm_head.weight");

  /** What makes up a tokenizer, as transformers names the files. */
  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja",
          "tokenizer.model",
          "vocab.json",
          "merges.txt");

  /** Where the model lies in the output folder. */
  private static final String FOLDER = "model";

  private ArmoRmCheckpoint() {}

  /**
   * Loads all weights of an ArmoRM.
   *
   * @param dtype what the trunk computes in: F32, or on a GPU BF16
   * @throws assay.tensor.InvalidInputException if a key or a tensor is missing or does not fit
   */
  public static ArmoRmNetwork load(Path folder, Device device, DType dtype) {
    ModelConfig config = ModelConfig.read(folder);
    ArmoRmNetwork network =
        new ArmoRmNetwork(config.transformer(), ArmoRmConfig.of(config), device, dtype);
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      WeightLoader.loadAll(checkpoint, network.store().all(), Set.of());
      return network;
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  /** Loads the trunk from a language model or another reward model; the heads stay unset. */
  static void loadTrunk(ArmoRmNetwork network, Path folder) {
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      WeightLoader.loadAll(checkpoint, network.trunkParameters(), OTHER_HEADS);
    }
  }

  /**
   * Writes weights and config.json.
   *
   * @param trunkConfig config.json of the model that the trunk was loaded from
   * @param folder exists, and holds no weights
   * @param dtype of the trunk's weights; the heads are written in F32, as the published ones are
   */
  public static void write(
      ArmoRmNetwork network, ModelConfig trunkConfig, Path folder, DType dtype) {
    List<Parameter> trunk = network.trunkParameters();
    List<TensorSpec> specs = new ArrayList<>();
    for (Parameter parameter : network.store().all()) {
      DType stored = trunk.contains(parameter) ? dtype : DType.F32;
      specs.add(new TensorSpec(parameter.name(), stored, parameter.shape()));
    }
    try (ShardedCheckpointWriter writer =
        new ShardedCheckpointWriter(folder, specs, ShardedCheckpointWriter.MAX_SHARD_BYTES)) {
      for (Parameter parameter : network.store().all()) {
        try (TensorArena scratch = TensorArena.open(network.store().device(), "scratch")) {
          writer.write(parameter.name(), parameter.toFloat32(scratch));
        }
      }
      writer.commit();
    }
    network.config().write(trunkConfig, dtype).write(folder);
  }

  /**
   * Writes the model of a run, with the tokenizer files of the trunk's folder: under another name
   * first, so that a folder with the right name is complete.
   *
   * @return the folder
   */
  static Path save(ArmoRmNetwork network, TrainingSetup setup, RunFolder run, DType dtype) {
    Path folder = run.folder(FOLDER);
    Path temporary = run.folder("." + FOLDER + ".tmp");
    try {
      deleteFiles(temporary);
      Files.createDirectories(temporary);
      write(network, setup.config(), temporary, dtype);
      for (String name : TOKENIZER_FILES) {
        Path file = setup.modelFolder().resolve(name);
        if (Files.exists(file)) {
          Files.copy(file, temporary.resolve(name));
        }
      }
      try (Stream<Path> files = Files.list(temporary)) {
        files.forEach(file -> run.file(FOLDER + "/" + file.getFileName()));
      }
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be written", e);
    }
  }

  /** What an earlier attempt left. */
  private static void deleteFiles(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
