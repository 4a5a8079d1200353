package assay.rm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ShardedCheckpointWriter;
import assay.nn.checkpoint.TensorSpec;
import assay.rm.recipe.Recipe;
import assay.rm.text.TextEncoder;
import assay.tensor.Backend;
import assay.tensor.DType;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Writes a trained network as a folder that transformers opens as a model of the method's kind:
 * weights, config, tokenizer files, and the contract. The folder is written under another name and
 * renamed when it is complete.
 */
final class ModelSaver {
  /** Where the model lies in the output folder. */
  private static final String FOLDER = "model";

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

  /** Mean and standard deviation of rewards. */
  record RewardScale(double mean, double standardDeviation) {}

  /** What was written, and where. */
  record Saved(Path folder, Contract contract) {}

  private final TrainingSetup setup;
  private final RewardNetwork network;

  ModelSaver(TrainingSetup setup, RewardNetwork network) {
    this.setup = setup;
    this.network = network;
  }

  /**
   * Writes the model, to which every rank gives its rows.
   *
   * @param run empty on ranks that write nothing
   * @return empty on those
   */
  Optional<Saved> save(Optional<RunFolder> run, RewardScale scale) {
    DType dtype = setup.recipe().saveDtype() == Recipe.Precision.BF16 ? DType.BF16 : DType.F32;
    if (dtype == DType.BF16) {
      roundWeights();
    }
    Contract contract = contract(scale);
    if (run.isEmpty()) {
      setup.method().padToken(setup).forEachTensor(network.store().all(), (name, weights) -> {});
    }
    return run.map(folder -> write(folder, dtype, contract));
  }

  private Saved write(RunFolder run, DType dtype, Contract contract) {
    Path folder = run.folder(FOLDER);
    Path temporary = run.folder("." + FOLDER + ".tmp");
    try {
      deleteFolder(temporary);
      Files.createDirectories(temporary);
      PadTokenExport pad = setup.method().padToken(setup);
      writeWeights(temporary, dtype, pad);
      copyTokenizer(temporary);
      pad.writeTokenizer(temporary);
      setup.method().exportConfig(setup.config(), pad, dtype).write(temporary);
      contract.write(temporary);
      try (Stream<Path> files = Files.list(temporary)) {
        files.forEach(file -> run.file(FOLDER + "/" + file.getFileName()));
      }
      run.remove(FOLDER); // of an earlier save, if the run was resumed
      Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be written", e);
    }
    return new Saved(folder, contract);
  }

  private Contract contract(RewardScale scale) {
    Recipe recipe = setup.recipe();
    Optional<TextEncoder> encoder = setup.encoder();
    return new Contract(
        setup.method().name(),
        setup.method().reading(),
        encoder.flatMap(TextEncoder::templateSha256),
        encoder.flatMap(TextEncoder::templateDate),
        encoder.flatMap(TextEncoder::bosToken),
        encoder.map(TextEncoder::endsWithEos).orElse(false),
        recipe.data().maxLength(),
        recipe.data().tooLong().key(),
        scale.mean(),
        scale.standardDeviation(),
        network.store().dtype(),
        Probes.make(setup.method(), network, encoder.isPresent()));
  }

  /** Rounds the weights to what will be stored, so that the probes are scored with those. */
  private void roundWeights() {
    Backend backend = network.store().device().backend();
    for (Parameter parameter : network.store().all()) {
      if (network.isStoredInFloat32(parameter)) {
        continue;
      }
      try (TensorArena scratch = TensorArena.open(network.store().device(), "scratch")) {
        Tensor weights = parameter.toFloat32(scratch);
        Tensor rounded = scratch.empty(DType.BF16, parameter.shape());
        backend.cast(weights, rounded);
        backend.cast(rounded, weights);
        parameter.set(weights);
      }
    }
  }

  private void writeWeights(Path folder, DType dtype, PadTokenExport pad) {
    List<TensorSpec> specs = new ArrayList<>();
    for (Parameter parameter : network.store().all()) {
      DType stored = network.isStoredInFloat32(parameter) ? DType.F32 : dtype;
      specs.add(new TensorSpec(parameter.name(), stored, pad.shape(parameter)));
    }
    try (ShardedCheckpointWriter writer =
        new ShardedCheckpointWriter(folder, specs, ShardedCheckpointWriter.MAX_SHARD_BYTES)) {
      pad.forEachTensor(network.store().all(), writer::write);
      writer.commit();
    }
  }

  private void copyTokenizer(Path target) throws IOException {
    for (String name : TOKENIZER_FILES) {
      Path file = setup.modelFolder().resolve(name);
      if (Files.exists(file)) {
        Files.copy(file, target.resolve(name));
      }
    }
  }

  /** What an earlier attempt left. */
  private static void deleteFolder(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }
}
