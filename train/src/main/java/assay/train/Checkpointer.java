package assay.train;

import assay.tensor.Span;
import assay.tensor.comm.Communicator;
import assay.train.checkpoint.CheckpointFolder;
import assay.train.checkpoint.CheckpointFolder.Best;
import assay.train.checkpoint.CheckpointWriter;
import assay.train.checkpoint.TensorRows;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Writes checkpoints while training goes on. Between two updates nothing changes the weights, so
 * they are written from where they lie while the next batch is being computed; its update waits for
 * the writing to be done.
 *
 * <p>All ranks call the same methods at the same steps.
 */
public final class Checkpointer implements AutoCloseable {
  private final CheckpointFolder folder;
  private final Communicator ranks;
  private final int numKept;
  private final Best best;
  private Saving saving;

  /** A checkpoint that is being written. */
  private record Saving(
      CheckpointWriter writer,
      FutureTask<Void> writing,
      Map<String, Object> notes,
      OptionalDouble metric) {}

  /**
   * @param numKept how many of the newest checkpoints stay
   * @param best which further one stays
   */
  public Checkpointer(CheckpointFolder folder, Communicator ranks, int numKept, Best best) {
    this.folder = folder;
    this.ranks = ranks;
    this.numKept = numKept;
    this.best = best;
  }

  /**
   * Begins to write a checkpoint.
   *
   * @param step the steps taken so far
   * @param rows what this rank writes; may not change before {@link #finish}
   * @param notes what the run must know to go on; of rank 0
   * @param metric by which the best one is known, if it was measured at this step; of rank 0
   */
  public void begin(
      long step, List<TensorRows> rows, Map<String, Object> notes, OptionalDouble metric) {
    finish();
    if (ranks.rank() == 0) {
      folder.begin(step);
    }
    ranks.barrier();
    CheckpointWriter writer = folder.writer(step, ranks.rank(), ranks.size());
    FutureTask<Void> writing = new FutureTask<>(() -> writer.write(rows), null);
    Thread.ofPlatform().name("checkpoint").daemon().start(writing);
    saving = new Saving(writer, writing, notes, metric);
  }

  /**
   * Returns when what was begun is complete: then the rows may change.
   *
   * @throws RuntimeException of the writing, if it failed: there is no new checkpoint then
   */
  public void finish() {
    if (saving == null) {
      return;
    }
    Saving done = saving;
    saving = null;
    try (Span _ = Span.begin(Span.Kind.PHASE, "wait for the checkpoint")) {
      await(done.writing);
      ranks.barrier();
      if (ranks.rank() == 0) {
        done.writer.commit(done.notes, done.metric);
        folder.prune(numKept, best);
      }
    }
  }

  /** Gives up what was begun, and returns when nothing reads the rows any more. */
  @Override
  public void close() {
    if (saving != null) {
      FutureTask<Void> writing = saving.writing;
      saving = null;
      await(writing);
    }
  }

  private static void await(FutureTask<Void> writing) {
    try {
      writing.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error error -> throw error;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (CancellationException) new CancellationException("interrupted").initCause(e);
    }
  }
}
