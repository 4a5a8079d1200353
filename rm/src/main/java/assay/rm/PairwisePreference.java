package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.DropReason;
import assay.rm.data.PairData;
import assay.rm.data.PairLabeller;
import assay.rm.data.PairReader;
import assay.rm.data.ScoreRow;
import assay.rm.data.TrainingData;
import assay.rm.recipe.Recipe;
import assay.rm.text.ComparisonEncoder;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.rm.text.ComparisonEncoder.Position;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.train.parallel.ParallelPlan;
import java.util.List;
import java.util.Optional;

/**
 * The pairwise preference model (Jiang et al. 2023, LLM-Blender; Dong et al. 2024, section 2.2): a
 * language model sees both answers at once and says which is better, A or B. It has no reward for
 * an answer alone, and so may prefer in circles; but it can tell answers apart by each other.
 *
 * <p>Which answer comes first must not matter, and does: so every judgement is the mean over both
 * orders. The two questions begin with the same context, which is computed once.
 */
public record PairwisePreference(ComparisonEncoder comparisons) implements RewardMethod {
  static final String NAME = "pairwise-preference";

  /** For a recipe: a language model, whose tokenizer has a token for each answer. */
  static PairwisePreference forTraining(
      Recipe recipe, ModelConfig config, Optional<TextEncoder> encoder) {
    if (config.isClassifier()) {
      throw new InvalidInputException(
          config.source()
              + ": is a "
              + config.architectures().getFirst()
              + ", without a language model's head; method "
              + NAME
              + " starts from a causal language model");
    }
    TextEncoder text = require(encoder, config);
    List<String> names = recipe.pairwise().answerTokens();
    AnswerTokens answers =
        names.isEmpty()
            ? ComparisonEncoder.findAnswers(text.tokenizer())
            : ComparisonEncoder.namedAnswers(text.tokenizer(), names.get(0), names.get(1));
    boolean asUpstream = recipe.compat() == Recipe.Compat.RLHFLOW;
    Position position = asUpstream ? Position.USER_TURN : Position.GENERATION_PROMPT;
    PairwisePreference method = checked(new ComparisonEncoder(text, position, answers), config);
    int limit = config.transformer().maxPositionEmbeddings();
    int most = recipe.data().maxLength() + method.turnEnd(recipe).length;
    if (most > limit) {
      throw new InvalidInputException(
          "data.max_length: with the end of the assistant's turn %d tokens, more than the model's"
                  .formatted(most)
              + " max_position_embeddings, "
              + limit);
    }
    return method;
  }

  /** For a model with a contract. */
  static PairwisePreference of(
      Contract.Answer reading, ModelConfig config, Optional<TextEncoder> encoder) {
    TextEncoder text = require(encoder, config);
    return checked(new ComparisonEncoder(text, reading.position(), reading.tokens()), config);
  }

  /** For a causal language model from elsewhere. */
  static PairwisePreference ofLanguageModel(ModelConfig config, Optional<TextEncoder> encoder) {
    TextEncoder text = require(encoder, config);
    AnswerTokens answers = ComparisonEncoder.findAnswers(text.tokenizer());
    return checked(new ComparisonEncoder(text, Position.GENERATION_PROMPT, answers), config);
  }

  private static TextEncoder require(Optional<TextEncoder> encoder, ModelConfig config) {
    return encoder.orElseThrow(
        () ->
            new InvalidInputException(
                config.source()
                    + ": there is no tokenizer.json beside it, and a pairwise preference model"
                    + " reads texts only"));
  }

  /** Asks one question, so that a template that is missing or refuses is noticed at once. */
  private static PairwisePreference checked(ComparisonEncoder comparisons, ModelConfig config) {
    int vocabSize = config.transformer().vocabSize();
    AnswerTokens answers = comparisons.answers();
    if (Math.max(answers.a(), answers.b()) >= vocabSize || answers.a() == answers.b()) {
      throw new InvalidInputException(
          "%s: the answers are tokens %d and %d; expected two ids below vocab_size %d"
              .formatted(config.source(), answers.a(), answers.b(), vocabSize));
    }
    PairwisePreference method = new PairwisePreference(comparisons);
    method.encodeProbe(method.probeConversations().getFirst());
    return method;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller) {
    return PairData.load(recipe, pairReader(), vocabularySize, labeller);
  }

  /** The two orders of a comparison: the better answer first, and the worse answer first. */
  private PairReader pairReader() {
    return new PairReader() {
      @Override
      public Sides encode(List<Message> prompt, List<Message> chosen, List<Message> rejected) {
        String better = chosen.getLast().content();
        String worse = rejected.getLast().content();
        return new Sides(
            ids(prompt, better, worse),
            ids(prompt, worse, better),
            comparisons.length(better),
            comparisons.length(worse));
      }

      @Override
      public Optional<DropReason> fault(
          List<Message> prompt, List<Message> chosen, List<Message> rejected) {
        int turns = prompt.size() + 1;
        return chosen.size() == turns && rejected.size() == turns
            ? Optional.empty()
            : Optional.of(DropReason.NOT_ONE_TURN);
      }

      @Override
      public Optional<String> faultOfTexts() {
        return Optional.empty();
      }

      @Override
      public Optional<String> faultOfTokenIds() {
        return Optional.of(
            "a pairwise preference model puts two answers into one text, which token ids do not"
                + " allow; give chosen and rejected as texts or turns");
      }
    };
  }

  private int[] ids(List<Message> context, String responseA, String responseB) {
    Message question = comparisons.question(context, responseA, responseB);
    return comparisons.encode(comparisons.render(question));
  }

  @Override
  public boolean hasRewards() {
    return false;
  }

  /** The answer's place. */
  @Override
  public boolean readsTheEnd() {
    return true;
  }

  @Override
  public RowReading read(ScoreRow row) {
    return new Tournament(comparisons, row).reading();
  }

  @Override
  public Contract.Reading reading() {
    return new Contract.Answer(comparisons.position(), comparisons.answers());
  }

  /** One question in both orders. */
  @Override
  public List<List<Message>> probeConversations() {
    List<Message> good = Probes.CONVERSATIONS.get(0);
    List<Message> bad = Probes.CONVERSATIONS.get(1);
    List<Message> context = good.subList(0, 1);
    String first = good.getLast().content();
    String second = bad.getLast().content();
    return List.of(
        List.of(comparisons.question(context, first, second)),
        List.of(comparisons.question(context, second, first)));
  }

  @Override
  public int[] encodeProbe(List<Message> conversation) {
    return comparisons.encode(comparisons.render(conversation.getFirst()));
  }

  @Override
  public PreferenceNetwork newNetwork(TransformerConfig config, ParameterStore store) {
    return new PreferenceNetwork(config, comparisons.answers(), store);
  }

  @Override
  public RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan) {
    return new PairwisePreferenceTask(
        newNetwork(setup.config().transformer(), setup.trainedStore(device, plan)),
        setup.pairs().train(),
        comparisons.answers(),
        turnEnd(setup.recipe()),
        setup.recipe().training().seed(),
        setup.computation());
  }

  /** The tokens after the answer that are learnt too. */
  private int[] turnEnd(Recipe recipe) {
    return switch (recipe.pairwise().loss()) {
      case ANSWER -> new int[0];
      case ASSISTANT -> comparisons.turnEnd();
    };
  }

  /**
   * Half of the log-odds of {@link #meanPreference} each: there is no reward, only a difference.
   */
  @Override
  public PairRewards rewards(double[] chosen, double[] rejected) {
    double better = logMeanSigmoid(chosen[0], -rejected[0]);
    double worse = logMeanSigmoid(-chosen[0], rejected[0]);
    return new PairRewards((better - worse) / 2, (worse - better) / 2);
  }

  /** log((sigmoid(x) + sigmoid(y)) / 2), finite for all finite x and y. */
  private static double logMeanSigmoid(double x, double y) {
    double larger = BradleyTerryLoss.logSigmoid(Math.max(x, y));
    double smaller = BradleyTerryLoss.logSigmoid(Math.min(x, y));
    return larger + Math.log1p(Math.exp(smaller - larger)) - Math.log(2);
  }

  /**
   * The probability that one answer is better than another, averaged over both orders: exactly 0.5
   * for the same answer twice, and exactly one minus itself when the answers change places.
   *
   * @param scoreFirst log-odds of A where the answer is A
   * @param scoreSecond log-odds of A where the answer is B
   */
  static double meanPreference(double scoreFirst, double scoreSecond) {
    return 0.5 + (sigmoid(scoreFirst) - sigmoid(scoreSecond)) / 2;
  }

  private static double sigmoid(double x) {
    return Math.exp(BradleyTerryLoss.logSigmoid(x));
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
