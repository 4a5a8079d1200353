package assay.rm;

import assay.rm.RunCheckpoints.StepEvaluation;
import assay.rm.data.BatchSampler;
import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import assay.tensor.Span;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.LocalRanks;
import assay.tensor.comm.Ranks;
import assay.train.Checkpointer;
import assay.train.NonFiniteException;
import assay.train.Trainer;
import assay.train.parallel.ParallelPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** A training run from its setup to the model folder it leaves. */
public final class RewardTraining {
  private final TrainingSetup setup;
  private final ParallelPlan plan;
  private final RewardNetwork network;
  private final RewardTask task;
  private final TrainingListener listener;
  private final BooleanSupplier stop;
  private long tokens;
  private HeldOutEvaluation lastEvaluation;

  private RewardTraining(
      TrainingSetup setup,
      ParallelPlan plan,
      RewardTask task,
      TrainingListener listener,
      BooleanSupplier stop) {
    this.setup = setup;
    this.plan = plan;
    this.task = task;
    this.network = task.network();
    this.listener = listener;
    this.stop = stop;
  }

  /** Trains on one rank. */
  public static TrainingSummary run(
      TrainingSetup setup,
      Device device,
      RunFolder.Existing existing,
      TrainingListener listener,
      BooleanSupplier stop) {
    return run(setup, device, Ranks.alone(), existing, listener, stop);
  }

  /**
   * Trains on ranks that are threads of this program, with an equal share of the CPU's threads
   * each.
   */
  public static TrainingSummary runOnLocalRanks(
      TrainingSetup setup,
      int numRanks,
      int numThreads,
      RunFolder.Existing existing,
      TrainingListener listener,
      BooleanSupplier stop) {
    AtomicReference<TrainingSummary> summary = new AtomicReference<>();
    LocalRanks.run(
        numRanks,
        ranks -> {
          boolean first = ranks.rank() == 0;
          TrainingListener itsListener = first ? listener : TrainingListener.silent();
          try (Device device = Device.cpu(Math.max(1, numThreads / numRanks))) {
            TrainingSummary its = run(setup, device, ranks, existing, itsListener, stop);
            if (first) {
              summary.set(its);
            }
          }
        });
    return summary.get();
  }

  /**
   * Trains and saves, together with the other ranks. Rank 0 alone writes files; nothing is written
   * before the model's weights have been read.
   *
   * @param device of this rank
   * @param existing what to do if the output folder holds a run
   * @param stop asked between steps; true ends the run, and the model so far is saved if it has
   *     been trained at all
   * @throws assay.train.NonFiniteException if a loss or gradient is NaN or infinite; no model is
   *     saved then
   */
  public static TrainingSummary run(
      TrainingSetup setup,
      Device device,
      Communicator ranks,
      RunFolder.Existing existing,
      TrainingListener listener,
      BooleanSupplier stop) {
    Recipe recipe = setup.recipe();
    boolean writes = ranks.rank() == 0;
    if (writes) {
      RunFolder.check(recipe.output(), existing);
    }
    if (!setup.data().isLabelled()) {
      throw new IllegalArgumentException(
          "a setup to plan with: its unlabelled pairs stand as read");
    }
    try (ParallelPlan plan = setup.plan(ranks);
        RewardTask task = setup.method().newTask(setup, device, plan)) {
      setup.initialize(task.network());
      try (RunFolder folder = writes ? RunFolder.open(recipe.output(), existing) : null) {
        boolean resumes = existing == RunFolder.Existing.RESUME && RunCheckpoints.areThere(recipe);
        if (writes && !resumes) {
          write(folder.file("recipe.yaml"), recipe.toYaml());
          setup.data().report().write(folder.file("data.json"));
        }
        ranks.barrier(); // now that the folder is as it should be
        BooleanSupplier agreedStop = new AgreedStop(ranks, device, stop);
        return new RewardTraining(setup, plan, task, listener, agreedStop)
            .trainAndSave(Optional.ofNullable(folder), resumes);
      }
    }
  }

  /**
   * @param folder empty on ranks that write nothing
   */
  private TrainingSummary trainAndSave(Optional<RunFolder> folder, boolean resumes) {
    long start = System.nanoTime();
    BatchSampler sampler = setup.sampler();
    Optional<MetricsLog.Evaluation> evaluation;
    boolean prepared = task.prepare(listener, stop);
    RunCheckpoints checkpoints = new RunCheckpoints(setup, plan.ranks(), folder);
    RunNotes from = checkpoints.notes(resumes);
    tokens += resumes ? from.tokens() : task.preparedTokens();
    try (MetricsLog metrics =
        new MetricsLog(folder.map(run -> run.file("metrics.jsonl")), from.metricsBytes())) {
      if (task.hasSteps()) {
        takeSteps(sampler, checkpoints, from, metrics, resumes, prepared);
      }
      evaluation = evaluate(sampler.step(), metrics);
      if (hasLearned(sampler, prepared)) {
        folder.ifPresent(run -> task.finish(run, listener));
      }
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    return save(folder, sampler, prepared, evaluation, seconds);
  }

  /** Whether there is anything to save. */
  private boolean hasLearned(BatchSampler sampler, boolean prepared) {
    return task.hasSteps() ? sampler.step() > 0 : prepared;
  }

  private void takeSteps(
      BatchSampler sampler,
      RunCheckpoints checkpoints,
      RunNotes from,
      MetricsLog metrics,
      boolean resumes,
      boolean prepared) {
    Trainer.Options options = setup.trainerOptions(sampler.numSteps());
    try (Trainer<int[]> trainer = new Trainer<>(task.trained(), task, options, plan)) {
      if (resumes) {
        checkpoints.resume(trainer, sampler, from);
        listener.note("going on after step " + sampler.step());
      }
      if (prepared) {
        train(trainer, sampler, checkpoints, from, metrics);
      }
    }
  }

  private void train(
      Trainer<int[]> trainer,
      BatchSampler sampler,
      RunCheckpoints checkpoints,
      RunNotes from,
      MetricsLog metrics) {
    try (Checkpointer checkpointer = checkpoints.newCheckpointer()) {
      trainer.setBeforeUpdate(checkpointer::finish);
      StepEvaluation evaluation =
          from.evaluationIsDue() ? evaluateStep(sampler, metrics) : StepEvaluation.NONE;
      while (sampler.hasNext() && !stop.getAsBoolean()) {
        try {
          step(trainer, sampler, metrics);
        } catch (NonFiniteException e) {
          checkpointer.finish(); // that of the step before is good
          throw e;
        }
        evaluation = evaluateStep(sampler, metrics);
        if (checkpoints.isDue(sampler.step())) {
          checkpoints.begin(checkpointer, trainer, sampler, tokens, metrics, evaluation);
        }
      }
      if (sampler.hasNext() && sampler.step() > 0) { // stopped: to be gone on with
        checkpoints.begin(checkpointer, trainer, sampler, tokens, metrics, evaluation);
      }
      checkpointer.finish();
    }
  }

  /** The evaluation that the recipe wants after this step; the last one comes after training. */
  private StepEvaluation evaluateStep(BatchSampler sampler, MetricsLog metrics) {
    int every = setup.recipe().training().evalEvery();
    if (every == 0 || sampler.step() % every != 0 || !sampler.hasNext()) {
      return StepEvaluation.NONE;
    }
    Optional<MetricsLog.Evaluation> row = evaluate(sampler.step(), metrics);
    OptionalDouble accuracy =
        row.isPresent() ? OptionalDouble.of(row.get().goodness()) : OptionalDouble.empty();
    return new StepEvaluation(row.isEmpty(), accuracy);
  }

  private TrainingSummary save(
      Optional<RunFolder> folder,
      BatchSampler sampler,
      boolean prepared,
      Optional<MetricsLog.Evaluation> evaluation,
      double seconds) {
    RewardMethod method = task.learned(setup.method());
    Map<String, Long> peakBytes = network.store().device().ledger().atPeak();
    Optional<ModelSaver.Saved> saved =
        hasLearned(sampler, prepared)
            ? new ModelSaver(setup.with(method), network).save(folder, rewardScale())
            : Optional.empty();
    return new TrainingSummary(
        sampler.step(),
        task.hasSteps() ? sampler.hasNext() : !prepared,
        evaluation,
        lastEvaluation == null ? Map.of() : lastEvaluation.bySource(),
        saved.map(ModelSaver.Saved::folder),
        tokens,
        seconds,
        peakBytes,
        ProcessMemory.peakResidentBytes(),
        saved
            .filter(_ -> method.hasRewards())
            .map(model -> model.contract().probes())
            .orElse(List.of()));
  }

  private void step(Trainer<int[]> trainer, BatchSampler sampler, MetricsLog metrics) {
    int[] batch = sampler.next();
    long start = System.nanoTime();
    Trainer.StepResult result;
    try (Span _ = Span.begin(Span.Kind.STEP, "step " + sampler.step())) {
      result = trainer.step(batch);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    long batchTokens = countTokens(batch);
    tokens += batchTokens;
    PreferenceStatistics statistics = task.statistics();
    MetricsLog.Step row =
        new MetricsLog.Step(
            sampler.step(),
            result.loss(),
            result.gradNorm(),
            result.learningRate(),
            statistics.accuracy(),
            statistics.margin(),
            statistics.meanReward(),
            statistics.minReward(),
            statistics.maxReward(),
            statistics.pairs(),
            batchTokens,
            task.computedTokens(),
            seconds,
            network.store().device().ledger().peak(),
            ProcessMemory.peakResidentBytes());
    metrics.write(row);
    listener.step(row, sampler.numSteps());
  }

  private long countTokens(int[] batch) {
    return Arrays.stream(batch).mapToLong(task::tokens).sum();
  }

  /** Empty without held-out pairs, or if the run is being stopped. */
  private Optional<MetricsLog.Evaluation> evaluate(long step, MetricsLog metrics) {
    if (setup.data().eval().isEmpty() || stop.getAsBoolean()) {
      return Optional.empty();
    }
    HeldOutEvaluation evaluation = task.evaluate(setup, plan.ranks(), listener, stop);
    if (stop.getAsBoolean()) {
      return Optional.empty();
    }
    lastEvaluation = evaluation;
    MetricsLog.Evaluation row = evaluation.row(step);
    metrics.write(row);
    listener.evaluated(row);
    return Optional.of(row);
  }

  /** Mean and standard deviation of rewards, for those who normalize them. */
  private ModelSaver.RewardScale rewardScale() {
    if (lastEvaluation != null) {
      return new ModelSaver.RewardScale(
          lastEvaluation.meanReward(), lastEvaluation.standardDeviation());
    }
    return new ModelSaver.RewardScale(0, 1);
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }
}
