package assay.rm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.rm.data.PreferencePair;
import assay.rm.recipe.DecisionTreeOptions;
import assay.rm.tree.Cart;
import assay.rm.tree.DecisionTree;
import assay.rm.tree.DepthChoice;
import assay.rm.tree.PairDifferences;
import assay.tensor.InvalidInputException;
import assay.tensor.comm.Communicator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Fits a decision tree to preference pairs. There are no steps: {@link #prepare} computes the
 * attributes of every answer once, chooses the depth by cross-validation on the training pairs, and
 * fits the tree on all of them. The held-out pairs have no part in it.
 */
public final class DecisionTreeTask extends PreferenceTask {
  private final TrainingSetup setup;
  private final DecisionTreeOptions options;
  private final LinearHeadsNetwork network;
  private final Communicator ranks;
  private DecisionTreeReward method;
  private Attributes train;
  private Optional<Attributes> heldOut = Optional.empty();
  private Optional<DepthChoice> choice = Optional.empty();

  /**
   * What the network says of pairs.
   *
   * @param chosen of the better answers: the weighted sum, then the attributes, {@code [N][1 + K]}
   * @param rejected of the worse answers, likewise
   */
  @SuppressWarnings("ArrayRecordComponent") // data to be read, never a key
  record Attributes(List<PreferencePair> pairs, double[][] chosen, double[][] rejected) {
    /** Of the pairs with a better answer. */
    PairDifferences differences(List<String> names) {
      List<float[]> differences = new ArrayList<>();
      for (int i = 0; i < pairs.size(); i++) {
        if (!pairs.get(i).isNeutral()) {
          differences.add(
              PairDifferences.difference(
                  DecisionTreeReward.attributes(chosen[i]),
                  DecisionTreeReward.attributes(rejected[i])));
        }
      }
      return new PairDifferences(names, differences.toArray(float[][]::new));
    }
  }

  DecisionTreeTask(
      TrainingSetup setup,
      DecisionTreeReward method,
      LinearHeadsNetwork network,
      Communicator ranks) {
    super(setup.pairs().train(), setup.computation());
    this.setup = setup;
    this.options = (DecisionTreeOptions) setup.recipe().options().orElseThrow();
    this.method = method;
    this.network = network;
    this.ranks = ranks;
  }

  @Override
  public RewardNetwork network() {
    return network;
  }

  @Override
  public boolean hasSteps() {
    return false;
  }

  @Override
  public boolean prepare(TrainingListener listener, BooleanSupplier stop) {
    List<PreferencePair> pairs = setup.pairs().train();
    listener.note("attributes of %,d pairs".formatted(pairs.size()));
    Optional<Attributes> computed = attributes(pairs, stop);
    if (computed.isEmpty()) {
      return false;
    }
    train = computed.get();
    PairDifferences differences = train.differences(method.heads().names());
    Cart.Limits limits = new Cart.Limits(options.maxDepth(), options.minSamplesLeaf());
    if (options.folds() > 0) {
      long[] prompts =
          pairs.stream()
              .filter(pair -> !pair.isNeutral())
              .mapToLong(PreferencePair::promptHash)
              .toArray();
      long seed = setup.recipe().training().seed();
      choice = Optional.of(DepthChoice.of(differences, prompts, options.folds(), seed, limits));
      limits = new Cart.Limits(choice.get().depth(), limits.minSamplesLeaf());
    }
    DecisionTree tree = differences.fit(limits);
    if (tree.depth() == 0) {
      throw new InvalidInputException(
          "decision_tree.min_samples_leaf: no attribute parts the %d rows of the training pairs, two"
                  .formatted(2 * differences.size())
              + " for each pair, so that %d are on both sides".formatted(options.minSamplesLeaf()));
    }
    method = method.with(tree);
    return true;
  }

  /** Empty if it was stopped. */
  private Optional<Attributes> attributes(List<PreferencePair> pairs, BooleanSupplier stop) {
    double[][] chosen = new double[pairs.size()][];
    double[][] rejected = new double[pairs.size()][];
    boolean complete =
        PreferenceEvaluation.forEach(
            network,
            pairs,
            computation(),
            ranks,
            stop,
            (index, better, worse) -> {
              chosen[index] = better;
              rejected[index] = worse;
            });
    return complete ? Optional.of(new Attributes(pairs, chosen, rejected)) : Optional.empty();
  }

  @Override
  public long preparedTokens() {
    return setup.pairs().train().stream()
        .mapToLong(pair -> pair.chosenIds().length + pair.rejectedIds().length)
        .sum();
  }

  @Override
  public List<String> plan() {
    List<PreferencePair> byRows = new ArrayList<>(setup.pairs().train());
    boolean shared = computation().sharePrompts();
    byRows.sort(Comparator.comparingInt(pair -> -pair.computedRows(shared)));
    int some = Math.min(byRows.size(), PreferenceEvaluation.PAIRS_AT_ONCE);
    attributes(byRows.subList(0, some), () -> false); // none need more
    return List.of("the tree is fitted without steps, from the attributes of all answers");
  }

  @Override
  RewardMethod learned(RewardMethod before) {
    return method;
  }

  @Override
  protected int computedRows(int index) {
    return pair(index).computedRows(computation().sharePrompts());
  }

  @Override
  protected int tokens(int index) {
    return pair(index).chosenIds().length + pair(index).rejectedIds().length;
  }

  @Override
  protected Variable loss(Tape tape, Part part) {
    throw new IllegalStateException("a tree is fitted, not trained step by step");
  }

  /** With the tree that was fitted. */
  @Override
  public PreferenceStatistics evaluate(
      RewardMethod before,
      List<PreferencePair> pairs,
      Communicator all,
      BooleanSupplier stop,
      PreferenceEvaluation.Sink sink) {
    PreferenceStatistics statistics = new PreferenceStatistics();
    heldOut = attributes(pairs, stop);
    if (heldOut.isPresent()) {
      for (int i = 0; i < pairs.size(); i++) {
        PairRewards rewards =
            method.rewards(heldOut.get().chosen()[i], heldOut.get().rejected()[i]);
        statistics.add(rewards.chosen(), rewards.rejected(), pairs.get(i).margin());
        sink.accept(pairs.get(i), rewards.chosen(), rewards.rejected());
      }
    }
    return statistics;
  }

  @Override
  public void finish(RunFolder folder, TrainingListener listener) {
    DecisionTreeReport report = DecisionTreeReport.of(method, choice, train, heldOut);
    report.write(folder.file(DecisionTreeReport.FILE));
    listener.note(report.toTable());
  }
}
