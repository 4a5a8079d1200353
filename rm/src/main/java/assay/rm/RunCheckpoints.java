package assay.rm;

import assay.rm.data.BatchSampler;
import assay.rm.recipe.Recipe;
import assay.rm.recipe.RecipeChange;
import assay.tensor.comm.Communicator;
import assay.train.Checkpointer;
import assay.train.Trainer;
import assay.train.checkpoint.CheckpointFolder;
import assay.train.checkpoint.CheckpointFolder.Best;
import assay.train.checkpoint.CheckpointReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;

/** The checkpoints of a run: where it goes on from, and what it leaves behind. */
final class RunCheckpoints {
  /**
   * What became of the evaluation of a step.
   *
   * @param isDue whether it was to be, and was broken off
   */
  record StepEvaluation(boolean isDue, OptionalDouble accuracy) {
    static final StepEvaluation NONE = new StepEvaluation(false, OptionalDouble.empty());
  }

  private final TrainingSetup setup;
  private final Communicator ranks;
  private final Optional<RunFolder> folder;
  private final String data;
  private long lastSaved = -1;

  /**
   * @param folder empty on ranks that write no files but their part of checkpoints
   */
  RunCheckpoints(TrainingSetup setup, Communicator ranks, Optional<RunFolder> folder) {
    this.setup = setup;
    this.ranks = ranks;
    this.folder = folder;
    this.data = setup.data().sha256();
  }

  private static CheckpointFolder folderOf(Recipe recipe) {
    return RunFolder.checkpoints(recipe.output());
  }

  /**
   * Whether there is something to go on from.
   *
   * @throws assay.tensor.InvalidInputException if it is damaged, or the recipe has changed since in
   *     what is computed
   */
  static boolean areThere(Recipe recipe) {
    Optional<CheckpointReader> newest = folderOf(recipe).newest();
    newest.ifPresent(CheckpointReader::close);
    Path began = recipe.output().resolve("recipe.yaml");
    if (newest.isPresent() && Files.exists(began)) {
      RecipeChange.check(began, recipe);
    }
    return newest.isPresent();
  }

  /** The notes of the newest checkpoint, or those of a run that begins. */
  RunNotes notes(boolean resumes) {
    RunNotes fresh = new RunNotes(data, new BatchSampler.State(0, 0), 0, 0, false);
    if (!resumes) {
      return fresh;
    }
    try (CheckpointReader newest = folderOf(setup.recipe()).newest().orElseThrow()) {
      return RunNotes.read(newest.run(), data);
    }
  }

  /** Goes on from the newest checkpoint. */
  void resume(Trainer<int[]> trainer, BatchSampler sampler, RunNotes notes) {
    try (CheckpointReader newest = folderOf(setup.recipe()).newest().orElseThrow()) {
      sampler.resume(notes.sampler());
      trainer.resume(newest, sampler.step());
      lastSaved = sampler.step();
    }
  }

  Checkpointer newCheckpointer() {
    boolean hasEvaluation = !setup.data().eval().isEmpty();
    return new Checkpointer(
        folderOf(setup.recipe()),
        ranks,
        setup.recipe().training().keepCheckpoints(),
        hasEvaluation ? Best.HIGHEST : Best.NONE);
  }

  /** Whether the recipe wants a checkpoint after this step. */
  boolean isDue(int step) {
    int every = setup.recipe().training().saveEvery();
    return every > 0 && step % every == 0;
  }

  /**
   * Begins to save, unless this step is saved already.
   *
   * @param evaluation of this step: done, due or none
   */
  void begin(
      Checkpointer checkpointer,
      Trainer<int[]> trainer,
      BatchSampler sampler,
      long tokens,
      MetricsLog metrics,
      StepEvaluation evaluation) {
    if (sampler.step() == lastSaved) {
      return;
    }
    lastSaved = sampler.step();
    RunNotes notes =
        new RunNotes(data, sampler.state(), tokens, metrics.flush(), evaluation.isDue());
    folder.ifPresent(run -> run.nameCheckpoint(sampler.step(), ranks.size()));
    checkpointer.begin(sampler.step(), trainer.state(), notes.toJson(), evaluation.accuracy());
  }
}
