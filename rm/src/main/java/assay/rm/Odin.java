package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.PairData;
import assay.rm.data.PairLabeller;
import assay.rm.data.PairReader;
import assay.rm.data.ScoreRow;
import assay.rm.data.TrainingData;
import assay.rm.recipe.OdinOptions;
import assay.rm.recipe.Recipe;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.train.parallel.ParallelPlan;
import java.util.List;
import java.util.Optional;

/**
 * ODIN (Chen et al. 2024): a Bradley-Terry model that is not paid for length. People tend to prefer
 * the longer answer, so a reward model learns to like length, and whatever is trained by it talks
 * too much. Here two heads share the preference between them: one is drawn towards the answers'
 * lengths, the other away from them, and only their sum has to explain what people chose. At use
 * the first is left out: the reward is the second's, the quality.
 *
 * @param encoder empty for a model without tokenizer files, which reads token ids only
 */
public record Odin(Optional<TextEncoder> encoder) implements ConversationReward {
  static final String NAME = "odin";

  /** The head that follows length. */
  static final int LENGTH = 0;

  /** The head that is the reward. */
  static final int QUALITY = 1;

  static final int NUM_HEADS = 2;

  private static final Contract.Heads READING =
      new Contract.Heads(List.of("length", "quality"), List.of(0.0, 1.0));

  @Override
  public String name() {
    return NAME;
  }

  /** Both conversations, and how long each answer is; of token ids, from where they differ. */
  @Override
  public TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller) {
    PairReader reader =
        PairReader.measuredConversations(
            encoder, answer -> encoder.orElseThrow().tokenizer().encode(answer, false).length);
    return PairData.load(recipe, reader, vocabularySize, labeller);
  }

  /** Each answer of the row by itself. */
  @Override
  public RowReading read(ScoreRow row) {
    return new RowReading(RowReading.answersApart(encoder, row), READING::judge);
  }

  @Override
  public Contract.Reading reading() {
    return READING;
  }

  @Override
  public LinearHeadsNetwork newNetwork(TransformerConfig config, ParameterStore store) {
    return new LinearHeadsNetwork(config, READING.weightArray(), store);
  }

  @Override
  public RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan) {
    return new OdinTask(
        newNetwork(setup.config().transformer(), setup.trainedStore(device, plan)),
        setup.pairs().train(),
        (OdinOptions) setup.recipe().options().orElseThrow(),
        setup.recipe().training().centerRewardsCoefficient(),
        setup.computation(),
        plan.ranks());
  }

  @Override
  public ModelConfig exportConfig(ModelConfig config, PadTokenExport pad, DType dtype) {
    return config.asClassifier(NUM_HEADS, pad.id(), pad.vocabSize(), dtype);
  }
}
