package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.PairLabeller;
import assay.rm.data.ScoreRow;
import assay.rm.data.TrainingData;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.rm.tree.DecisionTree;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.train.parallel.ParallelPlan;
import java.util.List;
import java.util.Optional;

/**
 * A kind of reward model: all that one kind does differently from another. What is the same for all
 * (data, batches, the run, checking, files) knows only this interface.
 *
 * <pre>
 *              {@link BradleyTerry}           {@link PairwisePreference}          {@link ArmoRm}
 * reads        a conversation         a question about 2 answers  a conversation
 * head         one vector             the language model's own    K vectors, and a gate
 * a score is   the reward             the log-odds that answer A  K rewards, weighed by the
 *                                     is the better one           gate
 * learns from  both sides of a pair   one question a pair, A and  ratings; the gate from both
 *                                     B in random order           sides of a pair
 * loss         -log sigmoid(r+ - r-)  -log p(the better answer's  squared error; the gate
 *                                     token)                      -log sigmoid(r+ - r-)
 * trains       trunk and head         trunk and head              the heads
 * judges       each answer            pairs in both orders, and   each answer, by objectives
 *                                     rankings
 * stored as    a classifier           a language model            its own class
 * </pre>
 *
 * <pre>
 *              {@link Odin}                   {@link Regression}                  {@link StepReward}
 * reads        a conversation         a conversation              a solution, step by step
 * head         two vectors: length    K vectors, one for each     the language model's own
 *              and quality            attribute
 * a score is   the quality            a weighted sum              the mean, or least, probability
 *                                                                 of + after a step
 * learns from  both sides of a pair   ratings                     a verdict on each step, or on
 *              and their lengths                                  the whole
 * loss         -log sigmoid of the    squared error               -log p(the verdict's token)
 *              sum, and correlation
 *              with length
 * trains       trunk and heads        trunk and heads             trunk and head
 * judges       each answer            each answer, by attributes  each answer, by steps
 * stored as    a classifier           a classifier                a language model
 * </pre>
 *
 * <pre>
 *              {@link DecisionTreeReward}
 * reads        a conversation
 * head         those of a regression, and a decision tree
 * a score is   the regression's; a pair's differences of attributes go through the tree
 * learns from  both sides of a pair, in both orders
 * loss         Gini's impurity, split by split
 * trains       the tree
 * judges       pairs in both orders, and rankings, by attributes
 * stored as    a classifier, and the tree in assay.json
 * </pre>
 */
public sealed interface RewardMethod
    permits ConversationReward, DecisionTreeReward, PairwisePreference, StepReward {

  /**
   * The method that a recipe names.
   *
   * @param encoder empty if the model's folder has no tokenizer files
   * @throws assay.tensor.InvalidInputException if this model cannot be trained so
   */
  static RewardMethod of(Recipe recipe, ModelConfig config, Optional<TextEncoder> encoder) {
    return switch (recipe.method()) {
      case BRADLEY_TERRY -> new BradleyTerry(encoder);
      case PAIRWISE_PREFERENCE -> PairwisePreference.forTraining(recipe, config, encoder);
      case ARMORM -> ArmoRm.forTraining(recipe, config, encoder);
      case ODIN -> new Odin(encoder);
      case REGRESSION -> Regression.forTraining(recipe, encoder);
      case PROCESS_REWARD, OUTCOME_REWARD -> StepReward.forTraining(recipe, config, encoder);
      case DECISION_TREE -> DecisionTreeReward.forTraining(recipe, config, encoder);
    };
  }

  /**
   * The method of a stored model: the contract says it, else a head that is there, else the
   * architecture that config.json names. A causal language model is one that compares.
   *
   * @param imported a Bradley-Terry head in another trainer's layout
   * @throws assay.tensor.InvalidInputException if its files do not fit the method
   */
  static RewardMethod of(
      Optional<Contract> contract,
      Optional<ImportedHead> imported,
      ModelConfig config,
      Optional<TextEncoder> encoder) {
    if (contract.isPresent()) {
      return switch (contract.get().reading()) {
        case Contract.LastToken _ -> new BradleyTerry(encoder);
        case Contract.Heads heads ->
            contract.get().method().equals(Odin.NAME)
                ? new Odin(encoder)
                : new Regression(encoder, heads);
        case Contract.Compared(Contract.Heads heads, DecisionTree tree) ->
            new DecisionTreeReward(encoder, heads, Optional.of(tree));
        case Contract.Verdict verdict -> StepReward.of(verdict, config, encoder);
        case Contract.Answer answer -> PairwisePreference.of(answer, config, encoder);
        case Contract.Gated gated -> ArmoRm.of(gated, config, encoder);
      };
    }
    if (imported.isPresent()) {
      return new BradleyTerry(encoder, imported);
    }
    if (ArmoRmConfig.describes(config)) {
      return ArmoRm.published(config, encoder);
    }
    return config.isLanguageModel()
        ? PairwisePreference.ofLanguageModel(config, encoder)
        : new BradleyTerry(encoder);
  }

  /** As recipes and assay.json have it. */
  String name();

  /** Whether an answer has a reward of its own; if not, the model only compares answers. */
  default boolean hasRewards() {
    return true;
  }

  /**
   * Whether what it reads lies where its prompt puts it, at the end of a text: then a text that
   * lost its end is read at some other token, which says nothing.
   */
  default boolean readsTheEnd() {
    return false;
  }

  // Texts

  /**
   * Reads the data that a recipe names.
   *
   * @param vocabularySize token ids are below it
   * @param labeller labels what is unlabelled; empty: it is all kept, without labels
   */
  TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller);

  /**
   * What is read for a row that is to be judged.
   *
   * @throws assay.tensor.InvalidInputException if this kind of model cannot judge such a row
   */
  RowReading read(ScoreRow row);

  /** Where a text is read: what the contract says. */
  Contract.Reading reading();

  /** Texts whose scores are kept with a model. */
  List<List<Message>> probeConversations();

  /** The tokens of such a text; its score is read at the last. */
  int[] encodeProbe(List<Message> conversation);

  // Weights

  /** A probe of token ids for a model without tokenizer files: these, or with what it must find. */
  default int[] probeOf(int[] ids) {
    return ids;
  }

  /**
   * Trunk and head; their values are not set.
   *
   * @param store empty; closed with the network
   */
  RewardNetwork newNetwork(TransformerConfig config, ParameterStore store);

  /** A new network, placed as the plan says, and what trains it on the setup's data. */
  RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan);

  /**
   * The rewards of a pair's two answers, from the network's outputs for its two sequences ({@link
   * assay.rm.data.PairReader}, {@link RewardNetwork#outputs}). Only their difference counts: it is
   * the log-odds that the chosen one is the better.
   */
  PairRewards rewards(double[] chosen, double[] rejected);

  // Files

  /** The pad token to store, and with it perhaps a larger embedding. */
  PadTokenExport padToken(TrainingSetup setup);

  /** The config.json to store. */
  ModelConfig exportConfig(ModelConfig config, PadTokenExport pad, DType dtype);
}
