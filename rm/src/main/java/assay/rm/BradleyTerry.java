package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.Judgement;
import assay.rm.data.PairData;
import assay.rm.data.PairLabeller;
import assay.rm.data.PairReader;
import assay.rm.data.ScoreRow;
import assay.rm.data.TrainingData;
import assay.rm.recipe.Recipe;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.train.parallel.ParallelPlan;
import java.util.Arrays;
import java.util.Optional;

/**
 * The Bradley-Terry reward model (Stiennon et al. 2020, section 3.4): every conversation has a
 * reward of its own, and of two answers the one with the larger reward is preferred, with
 * probability sigmoid of the difference.
 *
 * @param encoder empty for a model without tokenizer files, which reads token ids only
 * @param imported the head of a model that another trainer left in a layout of its own; empty for
 *     one that lies where transformers has it, and for one that is trained
 */
public record BradleyTerry(Optional<TextEncoder> encoder, Optional<ImportedHead> imported)
    implements ConversationReward {
  static final String NAME = "bradley-terry";

  /** Of this project, or to be trained. */
  public BradleyTerry(Optional<TextEncoder> encoder) {
    this(encoder, Optional.empty());
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller) {
    return PairData.load(recipe, PairReader.conversations(encoder), vocabularySize, labeller);
  }

  /** Each answer of the row by itself. */
  @Override
  public RowReading read(ScoreRow row) {
    return new RowReading(
        RowReading.answersApart(encoder, row),
        outputs -> new Judgement.Rewards(Arrays.stream(outputs).mapToDouble(o -> o[0]).toArray()));
  }

  @Override
  public Contract.Reading reading() {
    return new Contract.LastToken();
  }

  @Override
  public RewardNetwork newNetwork(TransformerConfig config, ParameterStore store) {
    return new BradleyTerryNetwork(config, imported.isPresent(), store);
  }

  @Override
  public RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan) {
    return new BradleyTerryTask(
        newNetwork(setup.config().transformer(), setup.trainedStore(device, plan)),
        setup.pairs().train(),
        setup.recipe().training().centerRewardsCoefficient(),
        setup.computation());
  }

  @Override
  public ModelConfig exportConfig(ModelConfig config, PadTokenExport pad, DType dtype) {
    return config.asClassifier(1, pad.id(), pad.vocabSize(), dtype);
  }
}
