package assay.rm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.WeightLoader;
import assay.tensor.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Fills a reward network from a checkpoint in Hugging Face layout. */
final class NetworkLoader {
  /** What the names of heads begin with. */
  private static final List<String> HEADS =
      List.of(
          ClassifierNetwork.HEAD,
          PreferenceNetwork.HEAD,
          ArmoRmNetwork.REGRESSION,
          ArmoRmNetwork.TRANSFORM,
          GatingNetwork.NAME);

  private NetworkLoader() {}

  /**
   * Weights to train from. A causal language model has no reward head: a new one is drawn. A
   * classifier has one, and is refused without: a trained model never gets a random head.
   */
  static void loadForTraining(RewardNetwork network, ModelConfig config, Path folder, long seed) {
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      switch (network) {
        case ClassifierNetwork rewards -> {
          Optional<ImportedHead> imported = imported(rewards, config, folder);
          if (imported.isPresent()) {
            loadImported(rewards, imported.get(), checkpoint);
          } else if (config.isClassifier() || checkpoint.contains(rewards.headWeight().name())) {
            loadClassifier(rewards, config, checkpoint);
          } else {
            List<Parameter> trunk = new ArrayList<>(rewards.store().all());
            trunk.remove(rewards.headWeight());
            WeightLoader.loadAll(checkpoint, trunk, Set.of());
            rewards.drawHead(seed);
          }
        }
        case PreferenceNetwork preferences -> loadAll(preferences, checkpoint);
        case ArmoRmNetwork armoRm -> loadTrunk(armoRm, checkpoint);
      }
    }
  }

  /** Of whatever model it is; an ArmoRM's heads are fitted, not trained from where they were. */
  private static void loadTrunk(ArmoRmNetwork network, ShardedCheckpoint checkpoint) {
    Set<String> heads = new HashSet<>();
    for (String name : checkpoint.names()) {
      if (HEADS.stream().anyMatch(name::startsWith)) {
        heads.add(name);
      }
    }
    WeightLoader.loadAll(checkpoint, network.trunkParameters(), heads);
  }

  /** Weights to score with: the head must be there. */
  static void loadForScoring(RewardNetwork network, ModelConfig config, Path folder) {
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      switch (network) {
        case ClassifierNetwork rewards -> {
          Optional<ImportedHead> imported = imported(rewards, config, folder);
          if (imported.isPresent()) {
            loadImported(rewards, imported.get(), checkpoint);
          } else {
            loadClassifier(rewards, config, checkpoint);
          }
        }
        case PreferenceNetwork preferences -> loadAll(preferences, checkpoint);
        case ArmoRmNetwork armoRm -> loadAll(armoRm, checkpoint);
      }
    }
  }

  private static void loadAll(RewardNetwork network, ShardedCheckpoint checkpoint) {
    WeightLoader.loadAll(checkpoint, network.store().all(), Set.of());
  }

  /** A head of another trainer; a folder with a contract is this project's. */
  private static Optional<ImportedHead> imported(
      ClassifierNetwork network, ModelConfig config, Path folder) {
    return network instanceof BradleyTerryNetwork && !Files.exists(folder.resolve(Contract.FILE))
        ? ImportedHead.find(folder, config)
        : Optional.empty();
  }

  /** Whatever else a language model has is not needed. */
  private static void loadImported(
      ClassifierNetwork network, ImportedHead head, ShardedCheckpoint checkpoint) {
    List<Parameter> trunk = new ArrayList<>(network.store().all());
    trunk.remove(network.headWeight());
    network.headBias().ifPresent(trunk::remove);
    Set<String> others = new HashSet<>(head.namesInCheckpoint());
    others.add(PreferenceNetwork.HEAD);
    WeightLoader.loadAll(checkpoint, trunk, others);
    head.load(network, checkpoint);
  }

  private static void loadClassifier(
      ClassifierNetwork network, ModelConfig config, ShardedCheckpoint checkpoint) {
    String name = network.headWeight().name();
    if (!checkpoint.contains(name)) {
      throw new InvalidInputException(
          checkpoint.source()
              + ": no tensor "
              + name
              + ": this is no reward model with a head of its own ("
              + (config.isClassifier()
                  ? "its config.json says it is, so the head was lost"
                  : "train one from it with 'assay train'")
              + "); "
              + ImportedHead.LOOKED_FOR
              + "; beside the trunk there are "
              + ImportedHead.others(checkpoint, network));
    }
    if (config.numLabels() != network.numHeads()) {
      throw new InvalidInputException(
          "%s: id2label names %d labels, but this kind of reward model has %d: a model of several is"
                  .formatted(config.source(), config.numLabels(), network.numHeads())
              + " read as its assay.json says, and trained again with the method it came from");
    }
    loadAll(network, checkpoint);
  }
}
