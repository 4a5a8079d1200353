package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.AnswerSteps;
import assay.rm.data.Judgement;
import assay.rm.data.PairLabeller;
import assay.rm.data.ScoreItem;
import assay.rm.data.ScoreRow;
import assay.rm.data.StepLoader;
import assay.rm.data.TextData;
import assay.rm.data.TrainingData;
import assay.rm.recipe.Recipe;
import assay.rm.recipe.StepOptions;
import assay.rm.text.Message;
import assay.rm.text.StepEncoder;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.train.parallel.ParallelPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A reward model for reasoning: a language model that reads a solution and says + or -. A process
 * reward model (Lightman et al. 2023) says it of every step, and so also where a solution went
 * wrong; an outcome reward model (Cobbe et al. 2021) of the solution as a whole. Of a step the
 * number is the probability of + among the two; of a solution the mean or the least of its steps'.
 *
 * <p>A step is read with + as the verdict on all steps before it, as RLHFlow's math-rm does: what
 * they deserved is not known at use. All steps of a solution begin alike, so they are one pass.
 *
 * @param whole whether a solution is one step
 * @param over how the steps' numbers become one
 */
public record StepReward(StepEncoder encoder, boolean whole, StepOptions.Over over)
    implements RewardMethod {
  static final String PROCESS = "process-reward";
  static final String OUTCOME = "outcome-reward";

  /** For a recipe: a language model, whose template and tokenizer have a token for a verdict. */
  static StepReward forTraining(Recipe recipe, ModelConfig config, Optional<TextEncoder> encoder) {
    if (config.isClassifier()) {
      throw new InvalidInputException(
          config.source()
              + ": is a "
              + config.architectures().getFirst()
              + ", without a language model's head; a reward model for reasoning starts from a"
              + " causal language model");
    }
    StepOptions options = (StepOptions) recipe.options().orElseThrow();
    boolean whole = recipe.method() == Recipe.Method.OUTCOME_REWARD;
    return new StepReward(require(encoder, config), whole, options.reward());
  }

  /** For a model with a contract. */
  static StepReward of(
      Contract.Verdict reading, ModelConfig config, Optional<TextEncoder> encoder) {
    StepEncoder steps = require(encoder, config);
    if (!steps.verdicts().equals(reading.tokens())) {
      throw new InvalidInputException(
          "%s: the verdicts are the tokens %s, but with this tokenizer and template %s"
              .formatted(config.source(), reading.tokens(), steps.verdicts()));
    }
    return new StepReward(steps, reading.whole(), reading.over());
  }

  private static StepEncoder require(Optional<TextEncoder> encoder, ModelConfig config) {
    return new StepEncoder(
        encoder.orElseThrow(
            () ->
                new InvalidInputException(
                    config.source()
                        + ": there is no tokenizer.json beside it, and a reward model for reasoning"
                        + " reads texts only")));
  }

  @Override
  public String name() {
    return whole ? OUTCOME : PROCESS;
  }

  /** A verdict is read where the next one would stand. */
  @Override
  public boolean readsTheEnd() {
    return true;
  }

  @Override
  public TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller) {
    Recipe.Data data = recipe.data();
    return TextData.load(
        recipe,
        patterns -> StepLoader.load(patterns, encoder, whole, data.maxLength(), data.tooLong()));
  }

  /** For each of the row's answers a sequence for each step, up to where its verdict would come. */
  @Override
  public RowReading read(ScoreRow row) {
    List<RowReading.Sequence> sequences = new ArrayList<>();
    List<Integer> numSteps = new ArrayList<>();
    for (ScoreItem item : row.items()) {
      AnswerSteps answer = AnswerSteps.of(item, whole);
      StepEncoder.Steps steps = encoder.encode(answer.turns(), answer.numSteps());
      for (int step = 0; step < answer.numSteps(); step++) {
        sequences.add(new RowReading.Sequence(Optional.empty(), steps.before(step)));
      }
      numSteps.add(answer.numSteps());
    }
    return new RowReading(sequences, outputs -> judge(outputs, numSteps));
  }

  private Judgement judge(double[][] outputs, List<Integer> numSteps) {
    double[] rewards = new double[numSteps.size()];
    List<Judgement.Explanation> explanations = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < rewards.length; i++) {
      List<Double> steps = new ArrayList<>();
      for (int step = 0; step < numSteps.get(i); step++) {
        steps.add(BradleyTerryLoss.sigmoid(outputs[next++][0]));
      }
      rewards[i] = reward(steps);
      explanations.add(new Judgement.Explanation(Map.of(), Map.of(), steps));
    }
    return whole ? new Judgement.Rewards(rewards) : new Judgement.Rewards(rewards, explanations);
  }

  private double reward(List<Double> steps) {
    return switch (over) {
      case MEAN -> steps.stream().mapToDouble(p -> p).average().orElseThrow();
      case MIN -> steps.stream().mapToDouble(p -> p).min().orElseThrow();
    };
  }

  @Override
  public Contract.Reading reading() {
    return new Contract.Verdict(encoder.verdicts(), whole, over);
  }

  @Override
  public List<List<Message>> probeConversations() {
    return Probes.CONVERSATIONS;
  }

  /** Up to the verdict on the last step. */
  @Override
  public int[] encodeProbe(List<Message> conversation) {
    AnswerSteps answer = AnswerSteps.of(new ScoreItem.Conversation(conversation), whole);
    return encoder.encode(answer.turns(), answer.numSteps()).before(answer.numSteps() - 1);
  }

  @Override
  public PreferenceNetwork newNetwork(TransformerConfig config, ParameterStore store) {
    return new PreferenceNetwork(config, encoder.verdicts(), store);
  }

  @Override
  public RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan) {
    return new StepTask(
        newNetwork(setup.config().transformer(), setup.trainedStore(device, plan)),
        encoder.verdicts(),
        setup.texts().train(),
        setup.computation());
  }

  @Override
  public PairRewards rewards(double[] chosen, double[] rejected) {
    return new PairRewards(chosen[0], rejected[0]);
  }

  /** A language model's padding is read by nobody. */
  @Override
  public PadTokenExport padToken(TrainingSetup setup) {
    return PadTokenExport.unchanged(setup.config());
  }

  @Override
  public ModelConfig exportConfig(ModelConfig config, PadTokenExport pad, DType dtype) {
    return config.asLanguageModel(dtype);
  }
}
