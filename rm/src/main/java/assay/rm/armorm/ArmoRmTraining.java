package assay.rm.armorm;

import assay.rm.RunFolder;
import assay.rm.TrainingListener;
import assay.rm.TrainingSetup;
import assay.rm.data.AttributeRow;
import assay.rm.recipe.ArmoRmOptions;
import assay.rm.recipe.Recipe;
import assay.tensor.DType;
import assay.tensor.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * Both stages of an ArmoRM, from a recipe to the model folder:
 *
 * <pre>
 * read     ArmoRmInputs        rated texts and preference pairs
 * embed    EmbeddingCache      states of all of them, by TrunkEmbedder
 * stage 1  RidgeRegression     one for each attribute
 * stage 2  GateStage           verbosity taken out, the gate trained and judged
 * save     ArmoRmCheckpoint
 * </pre>
 */
public final class ArmoRmTraining {
  private static final int MIN_LOG_TEXTS = 100; // between two lines on the terminal

  private final TrainingSetup setup;
  private final ArmoRmOptions options;
  private final TrainingListener listener;
  private final BooleanSupplier stop;

  private ArmoRmTraining(
      TrainingSetup setup, ArmoRmOptions options, TrainingListener listener, BooleanSupplier stop) {
    this.setup = setup;
    this.options = options;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * What a run came to.
   *
   * @param model the folder that was written
   */
  public record Result(Path model, ArmoRmReport report) {}

  /**
   * Trains and saves.
   *
   * @param setup its recipe's data are the preference pairs, its training the gate's
   * @param stop asked between batches; true ends the run. States computed so far are kept
   * @return empty if it was stopped
   * @throws assay.tensor.InvalidInputException before anything is computed, if an attribute has no
   *     rating, or a pair has no gate token
   */
  public static Optional<Result> run(
      TrainingSetup setup,
      ArmoRmOptions options,
      Device device,
      RunFolder.Existing existing,
      TrainingListener listener,
      BooleanSupplier stop) {
    RunFolder.check(setup.recipe().output(), existing);
    ArmoRmInputs inputs = ArmoRmInputs.read(setup, options);
    boolean bfloat16 = setup.recipe().training().precision() == Recipe.Precision.BF16;
    try (ArmoRmNetwork network =
        new ArmoRmNetwork(
            setup.config().transformer(),
            inputs.config(),
            device,
            bfloat16 ? DType.BF16 : DType.F32)) {
      ArmoRmCheckpoint.loadTrunk(network, setup.modelFolder());
      RunFolder folder = RunFolder.create(setup.recipe().output(), existing);
      return new ArmoRmTraining(setup, options, listener, stop).train(network, inputs, folder);
    }
  }

  private Optional<Result> train(ArmoRmNetwork network, ArmoRmInputs inputs, RunFolder folder) {
    String model = ModelHash.of(setup.modelFolder(), network.store().dtype());
    List<AttributeRow> rows = inputs.rated().rows();
    List<EmbeddedText> texts = rows.stream().map(EmbeddedText::of).toList();
    Optional<EmbeddingCache> rated = cache("attributes", model, texts);
    Optional<EmbeddingCache> train = cache("pairs", model, inputs.train().texts());
    Optional<EmbeddingCache> eval = cache("eval-pairs", model, inputs.eval().texts());
    if (!(embed(network, rated, "rated texts")
        && embed(network, train, "pairs")
        && embed(network, eval, "held-out pairs"))) {
      return Optional.empty();
    }
    listener.note("ridge regressions of %d attributes".formatted(options.attributes().size()));
    float[][] ratings = rows.stream().map(AttributeRow::ratings).toArray(float[][]::new);
    RidgeRegression.Fit fit =
        RidgeRegression.fit(
            rated.orElseThrow().rows(0), ratings, inputs.heldOut(), options.alphas());
    network.setRegression(fit.weights());
    GateStage stage = new GateStage(network, setup.recipe(), options, listener, stop);
    return stage
        .run(
            fit.weights(),
            GateStage.PairStates.of(train.orElseThrow()),
            eval.map(GateStage.PairStates::of))
        .map(gate -> save(network, folder, report(inputs, ratings, fit, gate)));
  }

  /** The cache of some texts; empty if there are none. */
  private Optional<EmbeddingCache> cache(String name, String model, List<EmbeddedText> texts) {
    Path folder = options.embeddings().orElse(setup.recipe().output().resolve("embeddings"));
    int hiddenSize = setup.config().transformer().hiddenSize();
    return texts.isEmpty()
        ? Optional.empty()
        : Optional.of(new EmbeddingCache(folder.resolve(name), model, texts, hiddenSize));
  }

  /** Computes what a cache lacks; false if it was stopped. */
  private boolean embed(ArmoRmNetwork network, Optional<EmbeddingCache> cache, String what) {
    if (cache.isEmpty()) {
      return true;
    }
    int missing = cache.get().numMissing();
    listener.note("%s: %d to embed".formatted(what, missing));
    int between = Math.max(MIN_LOG_TEXTS, missing / 10);
    IntConsumer progress =
        new IntConsumer() {
          private int done;

          @Override
          public void accept(int texts) {
            done += texts;
            if (done / between > (done - texts) / between) {
              listener.note("%s: %d of %d embedded".formatted(what, done, missing));
            }
          }
        };
    int rowsAtOnce = setup.recipe().training().microBatchTokens();
    TrunkEmbedder embedder = new TrunkEmbedder(network, rowsAtOnce, progress, stop);
    return cache.get().fill(network.store().device(), network.store().dtype(), embedder, stop);
  }

  private ArmoRmReport report(
      ArmoRmInputs inputs, float[][] ratings, RidgeRegression.Fit fit, GateStage.Result gate) {
    List<ArmoRmReport.Objective> objectives = new ArrayList<>();
    for (int k = 0; k < options.attributes().size(); k++) {
      objectives.add(
          new ArmoRmReport.Objective(
              options.attributes().get(k),
              fit.trainingRatings()[k],
              fit.heldOutRatings()[k],
              fit.alphas()[k],
              fit.spearman()[k],
              fit.error(k),
              variance(ratings, inputs.heldOut(), k),
              gate.penalties()[k]));
    }
    return new ArmoRmReport(
        objectives,
        inputs.rated().rows().size(),
        inputs.rated().dropped(),
        inputs.train().dropped() + inputs.eval().dropped(),
        gate.report());
  }

  private static double variance(float[][] ratings, BitSet rows, int attribute) {
    double[] rated =
        rows.stream()
            .mapToDouble(row -> ratings[row][attribute])
            .filter(rating -> !Double.isNaN(rating))
            .toArray();
    double mean = Arrays.stream(rated).average().orElse(0);
    return Arrays.stream(rated).map(r -> (r - mean) * (r - mean)).average().orElse(0);
  }

  private Result save(ArmoRmNetwork network, RunFolder folder, ArmoRmReport report) {
    boolean bfloat16 = setup.recipe().saveDtype() == Recipe.Precision.BF16;
    try {
      Files.writeString(folder.file("recipe.yaml"), setup.recipe().toYaml());
      setup.data().report().write(folder.file("data.json"));
      Files.writeString(folder.file("armorm.json"), report.toJson());
    } catch (IOException e) {
      throw new UncheckedIOException(setup.recipe().output() + " cannot be written", e);
    }
    Path model = ArmoRmCheckpoint.save(network, setup, folder, bfloat16 ? DType.BF16 : DType.F32);
    return new Result(model, report);
  }
}
