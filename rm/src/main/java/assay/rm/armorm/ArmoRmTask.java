package assay.rm.armorm;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Dropout;
import assay.nn.ParameterStore;
import assay.rm.ArmoRm;
import assay.rm.ArmoRmNetwork;
import assay.rm.GatePattern;
import assay.rm.PreferenceEvaluation;
import assay.rm.PreferenceStatistics;
import assay.rm.PreferenceTask;
import assay.rm.RewardMethod;
import assay.rm.RewardNetwork;
import assay.rm.RunFolder;
import assay.rm.TrainingListener;
import assay.rm.TrainingSetup;
import assay.rm.data.PreferencePair;
import assay.rm.data.SplitMix64;
import assay.rm.recipe.ArmoRmOptions;
import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import assay.tensor.comm.Communicator;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Both stages of an ArmoRM. What comes before the first step:
 *
 * <pre>
 * read     RatedTexts           rated texts; the pairs are the setup's
 * embed    RunStates            states of all of them, by TrunkEmbedder, on disk
 * stage 1  RidgeRegression      one for each attribute
 *          VerbosityDebiasing   the transform T
 * </pre>
 *
 * <p>Stage 2 is the steps: they train the gate, on pairs whose rewards and states are known by then
 * ({@link GatingTraining}). {@link #finish} puts the gate into the network.
 */
public final class ArmoRmTask extends PreferenceTask {
  private final TrainingSetup setup;
  private final ArmoRmOptions options;
  private final ArmoRmNetwork network;
  private final GatingTraining gate;
  private final RatedTexts rated;
  private final RunStates states;
  private RidgeRegression.Fit fit;
  private double[] penalties;
  private GatePairs train;
  private Optional<HeldOutPairs> heldOut = Optional.empty();

  /**
   * Held-out pairs.
   *
   * @param chosen the chosen answers' rewards after T, {@code [N][K]}
   * @param rejected likewise
   */
  private record HeldOutPairs(GatePairs data, float[][] chosen, float[][] rejected) {}

  /**
   * Reads the rated texts.
   *
   * @param setup of an {@link ArmoRm}; its data are the gate's pairs
   * @param network with the trunk to build on, whose weights may be set later
   * @throws assay.tensor.InvalidInputException if a row cannot be parsed, or an attribute has no
   *     rating
   */
  public ArmoRmTask(TrainingSetup setup, ArmoRmNetwork network) {
    super(setup.pairs().train(), setup.computation());
    this.setup = setup;
    this.options = setup.recipe().armorm().orElseThrow();
    this.network = network;
    this.gate =
        new GatingTraining(
            network.store().device(),
            network.armoRm(),
            network.config().hiddenSize(),
            isAsUpstream() ? GatingTraining.Defects.RLHFLOW : GatingTraining.Defects.NONE);
    try {
      this.rated = RatedTexts.read(setup, options);
      this.states =
          new RunStates(
              network,
              options.embeddings().orElse(setup.recipe().output().resolve("embeddings")),
              rated.texts(),
              texts(setup.pairs().train()),
              texts(setup.pairs().eval()));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private boolean isAsUpstream() {
    return setup.recipe().compat() == Recipe.Compat.RLHFLOW;
  }

  private List<EmbeddedText> texts(List<PreferencePair> pairs) {
    GatePattern pattern = network.armoRm().gatePattern();
    return pairs.stream()
        .map(pair -> EmbeddedText.of(pair, pattern.lastIndexIn(pair.chosenIds())))
        .toList();
  }

  @Override
  public RewardNetwork network() {
    return network;
  }

  @Override
  public ParameterStore trained() {
    return gate.store();
  }

  @Override
  public boolean prepare(TrainingListener listener, BooleanSupplier stop) {
    if (!states.fill(setup, listener, stop)) {
      return false;
    }
    listener.note("ridge regressions of %d attributes".formatted(options.attributes().size()));
    fit = RidgeRegression.fit(states.rated(), rated.ratings(), rated.heldOut(), options.alphas());
    network.setRegression(fit.weights());
    double[][] chosen = Rewards.of(states.train().chosen(), fit.weights());
    double[][] rejected = Rewards.of(states.train().rejected(), fit.weights());
    penalties = penalties(chosen, rejected);
    double[][] transform = transform();
    network.setTransform(transform);
    double[][] inLoss = isAsUpstream() ? VerbosityDebiasing.identity(penalties.length) : transform;
    train =
        new GatePairs(
            network.store().device(),
            states.train().gates(),
            Rewards.transformed(chosen, inLoss),
            Rewards.transformed(rejected, inLoss));
    heldOut = states.eval().map(pairs -> heldOut(pairs, transform));
    gate.gating().draw(setup.recipe().training().seed(), options.logitScale());
    return true;
  }

  @Override
  public long preparedTokens() {
    return states.embeddedTokens();
  }

  /** Verbosity's penalty for each objective, 0 for all if nothing is taken out. */
  private double[] penalties(double[][] chosen, double[][] rejected) {
    if (verbosity() < 0) {
      return new double[options.attributes().size()];
    }
    double[][] answers = Arrays.copyOf(chosen, chosen.length + rejected.length);
    System.arraycopy(rejected, 0, answers, chosen.length, rejected.length);
    return VerbosityDebiasing.penalties(
        answers, verbosity(), VerbosityDebiasing.PENALTIES, options.maxCorrelation());
  }

  private double[][] transform() {
    return verbosity() < 0
        ? VerbosityDebiasing.identity(penalties.length)
        : VerbosityDebiasing.transform(penalties, verbosity());
  }

  /** The objective that is taken for verbosity, or -1. */
  private int verbosity() {
    return options.verbosity().map(options.attributes()::indexOf).orElse(-1);
  }

  private HeldOutPairs heldOut(RunStates.OfPairs pairs, double[][] transform) {
    float[][] chosen = Rewards.transformed(Rewards.of(pairs.chosen(), fit.weights()), transform);
    float[][] rejected =
        Rewards.transformed(Rewards.of(pairs.rejected(), fit.weights()), transform);
    Device device = network.store().device();
    return new HeldOutPairs(
        new GatePairs(device, pairs.gates(), chosen, rejected), chosen, rejected);
  }

  @Override
  public List<String> plan() {
    Device device = network.store().device();
    states.embedLargestBatches(computation().microBatchTokens());
    int objectives = options.attributes().size();
    int numTrain = setup.pairs().train().size();
    EmbeddedRows prompts = EmbeddedRows.zeros(numTrain, network.config().hiddenSize());
    float[][] rewards = new float[numTrain][objectives];
    train = new GatePairs(device, prompts, rewards, rewards);
    return RidgeRegression.plan(
            rated.ratings(),
            rated.heldOut(),
            network.config().hiddenSize(),
            options.alphas().size())
        .describe();
  }

  /** A pair's gate state: the trunk's rows have been computed before. */
  @Override
  protected int computedRows(int index) {
    return 1;
  }

  @Override
  protected int tokens(int index) {
    return 1;
  }

  @Override
  protected Variable loss(Tape tape, Part part) {
    int[] pairs = part.indices();
    Variable scores = gate.scores(tape, train, pairs, masks(pairs)); // [2 pairs, 1]
    double centering = setup.recipe().training().centerRewardsCoefficient();
    part.note(toDoubles(scores));
    return bradleyTerryLoss(scores, part, centering); // [1]
  }

  /** Drawn from the seed and the pairs, so that a step does not depend on those before it. */
  private Optional<Dropout> masks(int[] part) {
    if (options.dropout() == 0) {
      return Optional.empty();
    }
    long seed = SplitMix64.mix(setup.recipe().training().seed());
    for (int index : part) {
      seed = SplitMix64.mix(seed ^ index);
    }
    return Optional.of(new Dropout(options.dropout(), seed));
  }

  /** From the states on disk, with the gate as it is. */
  @Override
  public PreferenceStatistics evaluate(
      RewardMethod method,
      List<PreferencePair> pairs,
      Communicator ranks,
      BooleanSupplier stop,
      PreferenceEvaluation.Sink sink) {
    PreferenceStatistics statistics = new PreferenceStatistics();
    float[] scores = gate.evaluate(heldOut.orElseThrow().data()).scores();
    for (int i = 0; i < pairs.size(); i++) {
      statistics.add(scores[2 * i], scores[2 * i + 1], pairs.get(i).margin());
      sink.accept(pairs.get(i), scores[2 * i], scores[2 * i + 1]);
    }
    return statistics;
  }

  @Override
  public void finish(RunFolder folder, TrainingListener listener) {
    network.gating().copyFrom(gate.gating());
    Optional<GateReport> gateReport =
        heldOut.map(
            pairs ->
                GateReport.of(
                    gate.evaluate(pairs.data()),
                    pairs.chosen(),
                    pairs.rejected(),
                    gate.gating().logitScale().value().toFloats()[0]));
    ArmoRmReport report = ArmoRmReport.of(options.attributes(), rated, fit, penalties, gateReport);
    report.write(folder.file(ArmoRmReport.FILE));
    listener.note(report.toTable());
  }

  @Override
  public void close() {
    if (train != null) {
      train.close();
    }
    heldOut.ifPresent(pairs -> pairs.data().close());
    gate.close();
    super.close();
  }
}
