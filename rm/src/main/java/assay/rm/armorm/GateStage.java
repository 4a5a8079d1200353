package assay.rm.armorm;

import assay.rm.TrainingListener;
import assay.rm.data.ReplacementSampler;
import assay.rm.recipe.ArmoRmOptions;
import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.train.AdamW;
import assay.train.Schedule;
import assay.train.Trainer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Stage 2: from the pairs' states to T, the gate, and what the gate is worth. */
final class GateStage {
  private static final int LOG_STEPS = 100; // between two lines on the terminal

  /** States of pairs: chosen and rejected answers' last, and the gate's. */
  record PairStates(EmbeddedRows chosen, EmbeddedRows rejected, EmbeddedRows gates) {
    static PairStates of(EmbeddingCache cache) {
      return new PairStates(cache.rows(0), cache.rows(1), cache.rows(2));
    }
  }

  /**
   * What it came to, beside the network's T and gate.
   *
   * @param penalties by which verbosity is taken out, 0 for all if nothing is
   * @param report empty without held-out pairs
   */
  record Result(double[] penalties, Optional<GateReport> report) {}

  private final ArmoRmNetwork network;
  private final Recipe recipe;
  private final ArmoRmOptions options;
  private final GatingTraining.Defects defects;
  private final TrainingListener listener;
  private final BooleanSupplier stop;

  GateStage(
      ArmoRmNetwork network,
      Recipe recipe,
      ArmoRmOptions options,
      TrainingListener listener,
      BooleanSupplier stop) {
    this.network = network;
    this.recipe = recipe;
    this.options = options;
    this.defects =
        recipe.compat() == Recipe.Compat.RLHFLOW
            ? GatingTraining.Defects.RLHFLOW
            : GatingTraining.Defects.NONE;
    this.listener = listener;
    this.stop = stop;
  }

  /**
   * Sets the network's T and gate.
   *
   * @param weights of the regressions, {@code [K][hidden]}
   * @return empty if it was stopped
   */
  Optional<Result> run(double[][] weights, PairStates train, Optional<PairStates> eval) {
    double[][] chosen = Rewards.of(train.chosen(), weights);
    double[][] rejected = Rewards.of(train.rejected(), weights);
    double[] penalties = penalties(chosen, rejected);
    double[][] transform =
        verbosity() < 0
            ? VerbosityDebiasing.identity(penalties.length)
            : VerbosityDebiasing.transform(penalties, verbosity());
    network.setTransform(transform);
    boolean leftOut = defects == GatingTraining.Defects.RLHFLOW;
    double[][] inLoss = leftOut ? VerbosityDebiasing.identity(penalties.length) : transform;
    float[][] chosenRewards = Rewards.transformed(chosen, inLoss);
    float[][] rejectedRewards = Rewards.transformed(rejected, inLoss);
    try (GatingTraining task = task(train.gates(), chosenRewards, rejectedRewards)) {
      task.gating().draw(recipe.training().seed(), options.logitScale());
      if (!optimize(task, chosen.length)) {
        return Optional.empty();
      }
      network.gating().copyFrom(task.gating());
    }
    return Optional.of(new Result(penalties, eval.map(states -> judge(weights, inLoss, states))));
  }

  private GatingTraining task(EmbeddedRows gates, float[][] chosen, float[][] rejected) {
    Device device = network.store().device();
    return new GatingTraining(
        device,
        network.config(),
        gates,
        chosen,
        rejected,
        options.dropout(),
        recipe.training().seed(),
        defects);
  }

  /** The objective that is taken for verbosity, or -1. */
  private int verbosity() {
    return options.verbosity().map(options.attributes()::indexOf).orElse(-1);
  }

  private double[] penalties(double[][] chosen, double[][] rejected) {
    if (verbosity() < 0) {
      return new double[options.attributes().size()];
    }
    double[][] answers = Arrays.copyOf(chosen, chosen.length + rejected.length);
    System.arraycopy(rejected, 0, answers, chosen.length, rejected.length);
    return VerbosityDebiasing.penalties(
        answers, verbosity(), VerbosityDebiasing.PENALTIES, options.maxCorrelation());
  }

  /** Runs the optimizer's steps; false if it was stopped. */
  private boolean optimize(GatingTraining task, int numPairs) {
    Recipe.Training training = recipe.training();
    int perEpoch = Math.ceilDiv(numPairs, training.batchSize());
    int steps = training.maxSteps() > 0 ? training.maxSteps() : training.epochs() * perEpoch;
    ReplacementSampler sampler =
        new ReplacementSampler(numPairs, training.batchSize(), training.seed());
    try (Trainer<int[]> trainer = new Trainer<>(task.store(), task, trainerOptions(steps))) {
      for (int step = 1; step <= steps; step++) {
        if (stop.getAsBoolean()) {
          return false;
        }
        Trainer.StepResult result = trainer.step(sampler.next());
        if (step % LOG_STEPS == 0 || step == steps) {
          listener.note("gate: step %d of %d, loss %.4f".formatted(step, steps, result.loss()));
        }
      }
      return true;
    }
  }

  private Trainer.Options trainerOptions(int steps) {
    Recipe.Training training = recipe.training();
    Schedule.Kind kind = Schedule.Kind.valueOf(training.schedule().name());
    return new Trainer.Options(
        training.learningRate(),
        new Schedule(kind, training.warmup(steps), steps),
        new AdamW.Options(
            training.beta1(), training.beta2(), training.eps(), training.weightDecay()),
        training.clipGradNorm());
  }

  /** Scores held-out pairs with the gate as it was trained. */
  private GateReport judge(double[][] weights, double[][] transform, PairStates states) {
    float[][] chosen = Rewards.transformed(Rewards.of(states.chosen(), weights), transform);
    float[][] rejected = Rewards.transformed(Rewards.of(states.rejected(), weights), transform);
    try (GatingTraining task = task(states.gates(), chosen, rejected)) {
      task.gating().copyFrom(network.gating());
      GatingTraining.Evaluation evaluation =
          task.evaluate(IntStream.range(0, chosen.length).toArray());
      Tensor logitScale = network.gating().logitScale().value();
      return GateReport.of(evaluation, chosen, rejected, logitScale.toFloats()[0]);
    }
  }
}
