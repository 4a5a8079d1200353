package assay.rm;

import assay.nn.ParameterStore;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ModelFolder;
import assay.rm.data.BatchSampler;
import assay.rm.data.PairData;
import assay.rm.data.PairLabeller;
import assay.rm.data.TextData;
import assay.rm.data.TrainingData;
import assay.rm.recipe.Recipe;
import assay.rm.recipe.Supported;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.comm.Communicator;
import assay.train.AdamW;
import assay.train.Schedule;
import assay.train.Trainer;
import assay.train.parallel.ParallelPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * All that a recipe names, read and checked before anything is computed or written: what {@code
 * train} trains and {@code plan} plans.
 *
 * @param modelFolder where weights and tokenizer files lie
 * @param encoder empty if there are no tokenizer files; then all rows must be token ids
 * @param method the kind of reward model
 */
public record TrainingSetup(
    Recipe recipe,
    Path modelFolder,
    ModelConfig config,
    Optional<TextEncoder> encoder,
    RewardMethod method,
    TrainingData data)
    implements AutoCloseable {

  /**
   * Reads the model's config and tokenizer, and all data, to plan the run: unlabelled pairs stand
   * as if their labeller, which is not asked, kept them all.
   *
   * @throws InvalidInputException if something is missing or does not fit
   */
  public static TrainingSetup of(Recipe recipe) {
    return of(recipe, _ -> Optional.empty());
  }

  /**
   * As {@link #of(Recipe)}, to train: unlabelled pairs are labelled by the model that the recipe
   * names.
   *
   * @param device the labeller is there for as long as it takes
   * @param listener hears how it goes on
   */
  public static TrainingSetup of(Recipe recipe, Device device, TrainingListener listener) {
    return of(
        recipe, model -> Optional.of(new PseudoLabeller(model, device, dtype(recipe), listener)));
  }

  /**
   * To plan a run whose data are not here yet: one batch of the longest pairs that the recipe
   * admits, which share nothing. Reads the model's config, and the tokenizer only if there is one.
   */
  public static TrainingSetup ofLongestPairs(Recipe recipe) {
    if (!recipe.method().learnsFromPairsAlone()) {
      throw new InvalidInputException(
          "method: a model that learns from labelled texts is planned with them, not with the"
              + " longest pairs");
    }
    int numPairs = recipe.training().batchSize();
    return of(
        recipe,
        (_, vocabSize) -> PairData.longestPairs(numPairs, recipe.data().maxLength(), vocabSize));
  }

  private static TrainingSetup of(
      Recipe recipe, Function<String, Optional<PairLabeller>> labellers) {
    return of(
        recipe,
        (method, vocabSize) ->
            method.readData(
                recipe, vocabSize, recipe.data().pseudoLabels().model().flatMap(labellers)));
  }

  /** Reads data for a vocabulary of some size. */
  private interface Reader {
    TrainingData read(RewardMethod method, int vocabSize);
  }

  private static TrainingSetup of(Recipe recipe, Reader reader) {
    Supported.check("recipe", recipe);
    Path folder = modelFolder(recipe);
    ModelConfig config = ModelConfig.read(folder).withOverrides(recipe.modelOverrides());
    int limit = config.transformer().maxPositionEmbeddings();
    if (recipe.data().maxLength() > limit) {
      throw new InvalidInputException(
          "data.max_length: %d is more than the model's max_position_embeddings, %d"
              .formatted(recipe.data().maxLength(), limit));
    }
    Optional<Contract> contract = Contract.read(folder);
    Optional<LocalDate> trainedDate =
        contract.flatMap(Contract::templateDate).map(LocalDate::parse);
    Optional<TextEncoder> encoder =
        TextEncoder.load(
            folder,
            recipe.data().templateDate().or(() -> trainedDate),
            ImportedHead.endsWithEos(contract, importedHead(recipe, folder, config)));
    try {
      RewardMethod method = RewardMethod.of(recipe, config, encoder);
      TrainingData data = reader.read(method, config.transformer().vocabSize());
      return new TrainingSetup(recipe, folder, config, encoder, method, data);
    } catch (RuntimeException e) {
      encoder.ifPresent(TextEncoder::close);
      throw e;
    }
  }

  private static Path modelFolder(Recipe recipe) {
    Path path = Path.of(recipe.model());
    boolean namesConfig = recipe.init() == Recipe.Init.RANDOM && Files.isRegularFile(path);
    return namesConfig ? path.toAbsolutePath().getParent() : ModelFolder.resolve(recipe.model());
  }

  private static Optional<ImportedHead> importedHead(
      Recipe recipe, Path folder, ModelConfig config) {
    return recipe.init() == Recipe.Init.RANDOM
        ? Optional.empty()
        : ImportedHead.find(folder, config);
  }

  /** The head that the run starts from, if another trainer stored it in a layout of its own. */
  public Optional<ImportedHead> importedHead() {
    return importedHead(recipe, modelFolder, config);
  }

  /**
   * The same run, on what has been read, with other values of {@code training} or {@code
   * distributed}.
   *
   * @param overrides as after {@code --set}
   * @return not to be closed: all it has is this one's
   */
  TrainingSetup with(String... overrides) {
    Recipe changed = Recipe.parse("recipe", recipe.toYaml(), List.of(overrides));
    return new TrainingSetup(changed, modelFolder, config, encoder, method, data);
  }

  /**
   * The same run with what its method has learnt.
   *
   * @return not to be closed: all it has is this one's
   */
  TrainingSetup with(RewardMethod learned) {
    return new TrainingSetup(recipe, modelFolder, config, encoder, learned, data);
  }

  /** Gives the tokenizer's memory back. */
  @Override
  public void close() {
    encoder.ifPresent(TextEncoder::close);
  }

  /** The data of a method that learns from pairs. */
  public PairData pairs() {
    return (PairData) data;
  }

  /** The data of a method that learns from texts with labels. */
  public TextData texts() {
    return (TextData) data;
  }

  /** The batches of the run. */
  public BatchSampler sampler() {
    Recipe.Training training = recipe.training();
    return new BatchSampler(
        data.train().size(),
        training.batchSize(),
        recipe.data().shuffle(),
        training.seed(),
        training.epochs(),
        training.maxSteps());
  }

  /** What the network computes in. */
  DType dtype() {
    return dtype(recipe);
  }

  private static DType dtype(Recipe recipe) {
    return recipe.training().precision() == Recipe.Precision.BF16 ? DType.BF16 : DType.F32;
  }

  /** For a network that is trained, placed as the plan says. */
  ParameterStore trainedStore(Device device, ParallelPlan plan) {
    return new ParameterStore(device, dtype(), true, plan);
  }

  /** How the ranks share the work. */
  public ParallelPlan plan(Communicator ranks) {
    Recipe.Distributed distributed = recipe.distributed();
    ParallelPlan.Reduction reduction =
        ParallelPlan.Reduction.valueOf(distributed.reduction().name());
    return ParallelPlan.of(distributed.zeroStage(), ranks, reduction);
  }

  /** How pairs are computed. */
  public RewardTask.Computation computation() {
    return new RewardTask.Computation(
        recipe.training().microBatchTokens(),
        recipe.data().sharePrompts(),
        recipe.training().gradientCheckpointing());
  }

  /** The network's weights: drawn, or read from the model folder. */
  void initialize(RewardNetwork network) {
    long seed = recipe.training().seed();
    if (recipe.init() == Recipe.Init.RANDOM) {
      network.drawAll(seed);
    } else {
      NetworkLoader.loadForTraining(network, config, importedHead(), modelFolder, seed);
    }
  }

  /** The optimizer's side of the recipe, for a run of this many steps. */
  Trainer.Options trainerOptions(int numSteps) {
    Recipe.Training training = recipe.training();
    Schedule.Kind kind = Schedule.Kind.valueOf(training.schedule().name());
    return new Trainer.Options(
        training.learningRate(),
        new Schedule(kind, training.warmup(numSteps), numSteps),
        new AdamW.Options(
            training.beta1(), training.beta2(), training.eps(), training.weightDecay()),
        training.clipGradNorm());
  }
}
