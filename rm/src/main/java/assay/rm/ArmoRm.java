package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.armorm.ArmoRmTask;
import assay.rm.data.DropReason;
import assay.rm.data.Judgement;
import assay.rm.data.PairData;
import assay.rm.data.PairLabeller;
import assay.rm.data.PairReader;
import assay.rm.data.RowPlace;
import assay.rm.data.ScoreRow;
import assay.rm.data.TrainingData;
import assay.rm.recipe.ArmoRmOptions;
import assay.rm.recipe.Recipe;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.train.parallel.ParallelPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * ArmoRM (Wang et al. 2024): a reward that can be taken apart. Each answer has a reward for each of
 * several objectives with names, and a gate that has read only the question says how much each
 * counts. Where a Bradley-Terry model is trained on preferences, this one is trained on ratings,
 * and its gate alone on preferences; its trunk stays as it was.
 *
 * @param encoder empty for a model without tokenizer files, which reads token ids only
 * @param config the heads' sizes, and the tokens that the gate looks for
 * @param objectives their names, in the order of the model's outputs
 */
public record ArmoRm(Optional<TextEncoder> encoder, ArmoRmConfig config, List<String> objectives)
    implements ConversationReward {
  static final String NAME = "armorm";

  public ArmoRm {
    objectives = List.copyOf(objectives);
    if (objectives.size() != config.numObjectives()) {
      throw new IllegalArgumentException(
          objectives.size() + " names for " + config.numObjectives() + " objectives");
    }
  }

  /** For a recipe: its attributes are the objectives. */
  static ArmoRm forTraining(Recipe recipe, ModelConfig trunk, Optional<TextEncoder> encoder) {
    ArmoRmOptions options = recipe.armorm().orElseThrow();
    ArmoRmConfig config =
        new ArmoRmConfig(
            options.attributes().size(),
            options.gatingTemperature(),
            options.gatingHiddenDim(),
            options.gatingNumHidden(),
            pattern(options, trunk, encoder));
    return new ArmoRm(encoder, config, options.attributes());
  }

  private static GatePattern pattern(
      ArmoRmOptions options, ModelConfig trunk, Optional<TextEncoder> encoder) {
    int vocabSize = trunk.transformer().vocabSize();
    for (int id : options.gatingTokenPattern()) {
      if (id >= vocabSize) {
        throw new InvalidInputException(
            "armorm.gating_token_pattern: token id %d; the vocabulary of %s has %d"
                .formatted(id, trunk.source(), vocabSize));
      }
    }
    if (!options.gatingTokenPattern().isEmpty()) {
      return new GatePattern(options.gatingTokenPattern());
    }
    Optional<TextEncoder> withTemplate = encoder.filter(text -> text.template().isPresent());
    return withTemplate
        .map(GatePattern::derive)
        .or(() -> GatePattern.published(trunk))
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "armorm.gating_token_pattern: is needed, since the model's folder has no chat"
                        + " template to find the tokens between question and answer in"));
  }

  /** For a model with a contract. */
  static ArmoRm of(Contract.Gated reading, ModelConfig model, Optional<TextEncoder> encoder) {
    ArmoRmConfig config = ArmoRmConfig.of(model);
    boolean fits =
        config.gatePattern().equals(reading.pattern())
            && config.numObjectives() == reading.objectives().size();
    if (!fits) {
      throw new InvalidInputException(
          "%s: %d objectives and a gate at the tokens %s, but %s has %d and %s"
              .formatted(
                  model.source(),
                  config.numObjectives(),
                  config.gatePattern().tokens(),
                  Contract.FILE,
                  reading.objectives().size(),
                  reading.pattern().tokens()));
    }
    return new ArmoRm(encoder, config, reading.objectives());
  }

  /** For a checkpoint from elsewhere, which does not name its objectives. */
  static ArmoRm published(ModelConfig model, Optional<TextEncoder> encoder) {
    ArmoRmConfig config = ArmoRmConfig.of(model);
    return new ArmoRm(encoder, config, config.publishedObjectives());
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Each conversation by itself; the gate must read the same for both. */
  @Override
  public TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller) {
    return PairData.load(
        recipe, PairReader.conversations(encoder, this::faultOfTokens), vocabularySize, labeller);
  }

  private Optional<DropReason> faultOfTokens(RowPlace place, int[] chosen, int[] rejected) {
    int gate = config.gatePattern().require(chosen, place);
    int other = config.gatePattern().require(rejected, place);
    boolean same = gate == other && Arrays.equals(chosen, 0, gate, rejected, 0, gate);
    return same ? Optional.empty() : Optional.of(DropReason.DIFFERENT_QUESTIONS);
  }

  @Override
  public RowReading read(ScoreRow row) {
    List<RowReading.Sequence> sequences = new ArrayList<>();
    for (RowReading.Sequence sequence : RowReading.answersApart(encoder, row)) {
      int gate = config.gatePattern().require(sequence.ids(), row.place());
      sequences.add(sequence.readAt(gate, sequence.ids().length - 1));
    }
    return new RowReading(sequences, this::judge);
  }

  /** Rewards, and what they are made of. */
  private Judgement judge(double[][] outputs) {
    double[] rewards = new double[outputs.length];
    List<Judgement.Explanation> explanations = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      rewards[i] = outputs[i][0];
      Map<String, Double> byObjective = new LinkedHashMap<>();
      Map<String, Double> gating = new LinkedHashMap<>();
      for (int k = 0; k < objectives.size(); k++) {
        byObjective.put(objectives.get(k), outputs[i][1 + k]);
        gating.put(objectives.get(k), outputs[i][1 + objectives.size() + k]);
      }
      explanations.add(new Judgement.Explanation(byObjective, gating));
    }
    return new Judgement.Rewards(rewards, explanations);
  }

  @Override
  public Contract.Reading reading() {
    return new Contract.Gated(config.gatePattern(), objectives);
  }

  /** With the gate's tokens before the last of them. */
  @Override
  public int[] probeOf(int[] ids) {
    List<Integer> pattern = config.gatePattern().tokens();
    int[] probe = new int[ids.length + pattern.size()];
    System.arraycopy(ids, 0, probe, 0, ids.length - 1);
    for (int i = 0; i < pattern.size(); i++) {
      probe[ids.length - 1 + i] = pattern.get(i);
    }
    probe[probe.length - 1] = ids[ids.length - 1];
    return probe;
  }

  @Override
  public ArmoRmNetwork newNetwork(TransformerConfig transformer, ParameterStore store) {
    return new ArmoRmNetwork(transformer, config, store);
  }

  @Override
  public RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan) {
    if (plan.ranks().size() > 1) {
      throw new InvalidInputException("method: armorm trains on one rank; use --ranks 1");
    }
    ParameterStore store = new ParameterStore(device, setup.dtype(), false); // nothing is trained
    return new ArmoRmTask(setup, newNetwork(setup.config().transformer(), store));
  }

  @Override
  public ModelConfig exportConfig(ModelConfig trunk, PadTokenExport pad, DType dtype) {
    return config.write(trunk, pad, dtype);
  }
}
