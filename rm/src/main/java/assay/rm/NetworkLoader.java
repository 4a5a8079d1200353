package assay.rm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.WeightLoader;
import assay.nn.checkpoint.WeightMatch;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Fills a reward network from a checkpoint in Hugging Face layout. */
final class NetworkLoader {
  /** What an assay.json must say of ODIN's two heads. */
  private static final String ODIN_CONTRACT =
      "{\"format\": 1, \"method\": \"odin\", \"read_at\": \"last_token\","
          + " \"heads\": {\"length\": 0, \"quality\": 1}}";

  private NetworkLoader() {}

  /**
   * Weights to train from. A causal language model has no reward head: a new one is drawn. A
   * classifier has one, and is refused without: a trained model never gets a random head.
   *
   * @param imported the model's head, if it is in another trainer's layout
   */
  static void loadForTraining(
      RewardNetwork network,
      ModelConfig config,
      Optional<ImportedHead> imported,
      Path folder,
      long seed) {
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      switch (network) {
        case ClassifierNetwork rewards -> {
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
    Set<String> heads = Set.copyOf(WeightMatch.heads(checkpoint));
    WeightLoader.loadAll(checkpoint, network.trunkParameters(), heads);
  }

  /** Weights to score with: the head must be there. */
  static void loadForScoring(
      RewardNetwork network, ModelConfig config, Optional<ImportedHead> imported, Path folder) {
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      switch (network) {
        case ClassifierNetwork rewards -> {
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

  private static void loadImported(
      ClassifierNetwork network, ImportedHead head, ShardedCheckpoint checkpoint) {
    checkNumHeads(1, network, checkpoint.source() + ": " + head.describe());
    List<Parameter> trunk = new ArrayList<>(network.store().all());
    trunk.remove(network.headWeight());
    network.headBias().ifPresent(trunk::remove);
    WeightLoader.loadAll(checkpoint, trunk, head.namesInCheckpoint());
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
              + ": this is no reward model with a head of its own; train one from it with 'assay"
              + " train'");
    }
    checkNumHeads(config.numLabels(), network, config.source() + ": id2label");
    loadAll(network, checkpoint);
  }

  private static void checkNumHeads(int stored, ClassifierNetwork network, String source) {
    if (stored != network.numHeads()) {
      throw new InvalidInputException(
          "%s: the model has %d labels, but this kind of reward model has %d. A model of several"
                  .formatted(source, stored, network.numHeads())
              + " is read as its assay.json says, and trained again with the method it came from."
              + (stored == Odin.NUM_HEADS
                  ? " If it is an ODIN, put this beside it as assay.json: " + ODIN_CONTRACT
                  : ""));
    }
  }
}
