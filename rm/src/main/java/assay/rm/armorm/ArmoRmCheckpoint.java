package assay.rm.armorm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.ShardedCheckpointWriter;
import assay.nn.checkpoint.TensorSpec;
import assay.nn.checkpoint.WeightLoader;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.TensorArena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** An ArmoRM as a folder in the layout of the published checkpoint. */
public final class ArmoRmCheckpoint {
  /** Heads of the models that an ArmoRM is built on; it has its own. */
  private static final Set<String> OTHER_HEADS = Set.of("score.weight", "lm_head.weight");

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
}
