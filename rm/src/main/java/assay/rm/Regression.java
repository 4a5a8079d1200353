package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.AttributeLoader;
import assay.rm.data.AttributeRow;
import assay.rm.data.LabelledText;
import assay.rm.data.PairLabeller;
import assay.rm.data.ScoreRow;
import assay.rm.data.TextData;
import assay.rm.data.TrainingData;
import assay.rm.recipe.Recipe;
import assay.rm.recipe.RegressionOptions;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.train.parallel.ParallelPlan;
import java.util.List;
import java.util.Optional;

/**
 * Regression on ratings (Wang et al. 2023, HelpSteer): a head for each attribute that people rated,
 * such as helpfulness, trained together with the trunk to predict the ratings. The reward is a
 * weighted sum of the predictions. (ArmoRM fits its heads to ratings too, but leaves the trunk as
 * it was, and learns the weights.)
 *
 * @param encoder empty for a model without tokenizer files, which reads token ids only
 * @param heads the attributes, and how much each counts
 */
public record Regression(Optional<TextEncoder> encoder, Contract.Heads heads)
    implements ConversationReward {
  static final String NAME = "regression";

  static Regression forTraining(Recipe recipe, Optional<TextEncoder> encoder) {
    RegressionOptions options = (RegressionOptions) recipe.options().orElseThrow();
    return new Regression(encoder, new Contract.Heads(options.attributes(), options.weights()));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller) {
    return TextData.load(recipe, patterns -> load(recipe, patterns, vocabularySize));
  }

  private TextData.Loaded load(Recipe recipe, List<String> patterns, int vocabularySize) {
    AttributeLoader.Loaded loaded =
        AttributeLoader.load(
            patterns,
            "regression.attributes",
            encoder.map(text -> text),
            heads.names(),
            recipe.data().maxLength(),
            recipe.data().tooLong(),
            vocabularySize);
    return new TextData.Loaded(
        loaded.rows().stream().map(Regression::labelled).toList(), loaded.dropped());
  }

  private static LabelledText labelled(AttributeRow row) {
    int[] last = {row.ids().length - 1};
    return new LabelledText(row.ids(), last, row.ratings(), row.promptHash(), row.place());
  }

  /** Each answer of the row by itself. */
  @Override
  public RowReading read(ScoreRow row) {
    return new RowReading(RowReading.answersApart(encoder, row), heads::judge);
  }

  @Override
  public Contract.Reading reading() {
    return heads;
  }

  @Override
  public LinearHeadsNetwork newNetwork(TransformerConfig config, ParameterStore store) {
    return new LinearHeadsNetwork(config, heads.weightArray(), store);
  }

  @Override
  public RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan) {
    return new RegressionTask(
        newNetwork(setup.config().transformer(), setup.trainedStore(device, plan)),
        heads,
        setup.texts().train(),
        setup.computation());
  }

  @Override
  public ModelConfig exportConfig(ModelConfig config, PadTokenExport pad, DType dtype) {
    return config.asClassifier(heads.names().size(), pad.id(), pad.vocabSize(), dtype);
  }
}
