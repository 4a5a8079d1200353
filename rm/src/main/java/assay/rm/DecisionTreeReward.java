package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ModelFolder;
import assay.rm.data.Judgement;
import assay.rm.data.PairData;
import assay.rm.data.PairLabeller;
import assay.rm.data.PairReader;
import assay.rm.data.ScoreRow;
import assay.rm.data.TrainingData;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.rm.tree.DecisionTree;
import assay.rm.tree.PairDifferences;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.train.parallel.ParallelPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A decision tree on attributes (Li 2025, "Interpreting Language Model Preferences Through the Lens
 * of Decision Trees"): the heads of a {@link Regression} say how helpful, correct or verbose each
 * of two answers is, and a small tree reads the differences and says how probably the first is the
 * better one. Trunk and heads stay as they were; the tree can be printed, and every judgement is a
 * way through it.
 *
 * <p>It compares, so it has no reward for an answer alone. A row of one answer is refused, though
 * its attributes are known: a number that is not there is missed, but an answer without the number
 * that was asked for passes for one. The regression model that it was made of has both.
 *
 * @param encoder empty for a model without tokenizer files, which reads token ids only
 * @param heads the attributes, and what they counted in the regression's reward
 * @param tree empty until it has been fitted
 */
public record DecisionTreeReward(
    Optional<TextEncoder> encoder, Contract.Heads heads, Optional<DecisionTree> tree)
    implements RewardMethod {
  static final String NAME = "decision-tree";

  /** What RLHFlow's published models keep their tree in. */
  private static final String PICKLE = "decision_tree.pkl";

  /** For a recipe: a model whose heads are attributes. */
  static DecisionTreeReward forTraining(
      Recipe recipe, ModelConfig config, Optional<TextEncoder> encoder) {
    if (recipe.init() == Recipe.Init.RANDOM) {
      throw new InvalidInputException(
          "init: random heads know no attributes; method " + NAME + " starts from a checkpoint");
    }
    Optional<Contract> contract = Contract.read(ModelFolder.resolve(recipe.model()));
    Optional<Contract.Heads> heads =
        contract.isPresent()
            ? headsOf(contract.get().reading())
            : labels(config).map(names -> new Contract.Heads(names, alike(names.size())));
    if (heads.isEmpty() || !config.isClassifier()) {
      throw new InvalidInputException(
          "model: %s is %s; method %s reads the heads of a model with several, as method %s trains"
                  .formatted(
                      recipe.model(),
                      contract.map(Contract::method).orElse("a model without named heads"),
                      NAME,
                      Regression.NAME)
              + " it (recipes/regression-quickstart.yaml)");
    }
    return new DecisionTreeReward(encoder, heads.get(), Optional.empty());
  }

  private static Optional<Contract.Heads> headsOf(Contract.Reading reading) {
    return switch (reading) {
      case Contract.Heads heads -> Optional.of(heads);
      case Contract.Compared(Contract.Heads heads, DecisionTree _) -> Optional.of(heads);
      case Contract.LastToken _, Contract.Gated _, Contract.Verdict _, Contract.Answer _ ->
          Optional.empty();
    };
  }

  /** Of a classifier from elsewhere, if they are more than one. */
  private static Optional<List<String>> labels(ModelConfig config) {
    return Optional.of(config.labels()).filter(labels -> labels.size() > 1);
  }

  private static List<Double> alike(int count) {
    return Arrays.stream(new double[count]).mapToObj(_ -> 1.0 / count).toList();
  }

  /**
   * Refuses a model whose tree is a pickle: to read one is to run whatever program is in it.
   *
   * @throws InvalidInputException if this folder has one, and no contract
   */
  static void refusePickle(Path folder, Optional<Contract> contract) {
    if (contract.isEmpty() && Files.exists(folder.resolve(PICKLE))) {
      throw new InvalidInputException(
          "%s: its decision tree is a Python pickle, which is a program and is not run here; fit a"
                  .formatted(folder.resolve(PICKLE))
              + " tree to the model's heads with method: "
              + NAME
              + ", which is stored as JSON");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The same with a tree. */
  DecisionTreeReward with(DecisionTree fitted) {
    return new DecisionTreeReward(encoder, heads, Optional.of(fitted));
  }

  @Override
  public boolean hasRewards() {
    return false;
  }

  /** Each conversation by itself. */
  @Override
  public TrainingData readData(Recipe recipe, int vocabularySize, Optional<PairLabeller> labeller) {
    return PairData.load(recipe, PairReader.conversations(encoder), vocabularySize, labeller);
  }

  @Override
  public RowReading read(ScoreRow row) {
    if (row.items().size() < 2) {
      throw new InvalidInputException(
          "a decision tree compares answers and has no reward for one; give chosen and rejected, or"
              + " a prompt and two or more responses, or ask the regression model it was made of");
    }
    boolean isPair = row instanceof ScoreRow.Pair;
    return new RowReading(RowReading.answersApart(encoder, row), outputs -> judge(isPair, outputs));
  }

  private Judgement judge(boolean isPair, double[][] outputs) {
    if (!Arrays.stream(outputs).flatMapToDouble(Arrays::stream).allMatch(Double::isFinite)) {
      return new Judgement.Refusal("the model's attributes are not numbers");
    }
    List<Judgement.Explanation> attributes = heads.explain(outputs);
    if (isPair) {
      float[] difference = difference(outputs[0], outputs[1]);
      Map<String, List<String>> paths = new LinkedHashMap<>();
      paths.put("chosen_first", path(difference));
      paths.put("rejected_first", path(PairDifferences.reversed(difference)));
      double p = PairDifferences.preference(tree.orElseThrow(), difference);
      return new Judgement.Preference(p, attributes, paths);
    }
    return Comparisons.ranking(
        outputs.length, (i, j) -> preference(outputs[i], outputs[j]), attributes);
  }

  private double preference(double[] first, double[] second) {
    return PairDifferences.preference(tree.orElseThrow(), difference(first, second));
  }

  /** Of two answers' attributes, which are F32. */
  private static float[] difference(double[] first, double[] second) {
    return PairDifferences.difference(attributes(first), attributes(second));
  }

  /** All that the network says of an answer, but for the reward. */
  static float[] attributes(double... output) {
    float[] attributes = new float[output.length - 1];
    for (int k = 0; k < attributes.length; k++) {
      attributes[k] = (float) output[1 + k];
    }
    return attributes;
  }

  private List<String> path(float... difference) {
    List<String> lines = new ArrayList<>();
    for (String split : tree.orElseThrow().path(difference)) {
      lines.add("first - second: " + split);
    }
    DecisionTree.Node leaf = tree.orElseThrow().leaf(difference);
    lines.add(
        String.format(
            Locale.ROOT,
            "of %d such in training the first was the better one in %d: %.3f",
            leaf.samples(),
            leaf.positives(),
            leaf.probability()));
    return lines;
  }

  @Override
  public Contract.Reading reading() {
    return new Contract.Compared(heads, tree.orElseThrow());
  }

  @Override
  public List<List<Message>> probeConversations() {
    return Probes.CONVERSATIONS;
  }

  @Override
  public int[] encodeProbe(List<Message> conversation) {
    return encoder.orElseThrow().encode(conversation);
  }

  @Override
  public LinearHeadsNetwork newNetwork(TransformerConfig config, ParameterStore store) {
    return new LinearHeadsNetwork(config, heads.weightArray(), store);
  }

  @Override
  public RewardTask newTask(TrainingSetup setup, Device device, ParallelPlan plan) {
    ParameterStore store = new ParameterStore(device, setup.dtype(), false); // nothing is trained
    LinearHeadsNetwork network = newNetwork(setup.config().transformer(), store);
    return new DecisionTreeTask(setup, this, network, plan.ranks());
  }

  /** Half of the log-odds each: there is no reward, only a difference. */
  @Override
  public PairRewards rewards(double[] chosen, double[] rejected) {
    double p = preference(chosen, rejected);
    return new PairRewards(
        PreferenceStatistics.logOdds(p) / 2, -PreferenceStatistics.logOdds(p) / 2);
  }

  /** As a regression's. */
  @Override
  public PadTokenExport padToken(TrainingSetup setup) {
    return PadTokenExport.of(setup);
  }

  @Override
  public ModelConfig exportConfig(ModelConfig config, PadTokenExport pad, DType dtype) {
    return config.asClassifier(heads.names().size(), pad.id(), pad.vocabSize(), dtype);
  }
}
