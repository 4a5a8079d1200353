package assay.train.checkpoint;

import assay.nn.checkpoint.JsonObject;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * An open checkpoint: any rows of any tensor, whichever ranks wrote them, and the run's own notes.
 * For one thread.
 *
 * <p>Every byte is checked before it is handed out; the first one that is not as it was written
 * ends in an {@link InvalidInputException}, and the run that was being loaded must end with it.
 */
public final class CheckpointReader implements AutoCloseable {
  private final Path folder;
  private final Manifest manifest;
  private final StateIndex state;
  private final List<BlockReader> files; // by rank
  private final UnaryOperator<String> advice;

  private CheckpointReader(
      Path folder,
      Manifest manifest,
      StateIndex state,
      List<BlockReader> files,
      UnaryOperator<String> advice) {
    this.folder = folder;
    this.manifest = manifest;
    this.state = state;
    this.files = files;
    this.advice = advice;
  }

  /**
   * Opens a checkpoint wherever it lies, checks all but the tensors' values, and that these are
   * there.
   *
   * @throws InvalidInputException if it is damaged
   */
  public static CheckpointReader open(Path folder) {
    return open(folder, message -> message);
  }

  /**
   * @param advice adds to the message about damage what the user can do about it
   */
  static CheckpointReader open(Path folder, UnaryOperator<String> advice) {
    List<BlockReader> files = new ArrayList<>();
    try {
      Manifest manifest = Manifest.read(folder);
      manifest.checkFiles(folder);
      List<RankIndex> indexes = new ArrayList<>();
      for (int rank = 0; rank < manifest.numRanks(); rank++) {
        RankIndex index = index(folder, manifest, rank);
        indexes.add(index);
        Path data = folder.resolve(Names.data(rank));
        files.add(new BlockReader(data, index.bytes(), index.checksums()));
      }
      StateIndex state = StateIndex.merge(indexes, folder.toString());
      return new CheckpointReader(folder, manifest, state, files, advice);
    } catch (IOException e) {
      closeAll(files, e);
      throw unreadable(folder, e);
    } catch (InvalidInputException e) {
      closeAll(files, e);
      throw new InvalidInputException(advice.apply(e.getMessage()), e);
    }
  }

  /** The index of a rank, which must be the one that the manifest was made with. */
  private static RankIndex index(Path folder, Manifest manifest, int rank) throws IOException {
    JsonObject json = SealedJson.read(folder.resolve(Names.index(rank)));
    RankIndex index = RankIndex.parse(json);
    boolean listed =
        manifest.files().stream()
            .anyMatch(f -> f.name().equals(Names.data(rank)) && f.bytes() == index.bytes());
    if (!listed
        || index.rank() != rank
        || index.step() != manifest.step()
        || index.numRanks() != manifest.numRanks()) {
      throw json.error("rank", "is of another checkpoint than " + Names.MANIFEST);
    }
    return index;
  }

  /** The optimizer's steps before this checkpoint. */
  public long step() {
    return manifest.step();
  }

  /** How many ranks wrote it; any number may read it. */
  public int numRanks() {
    return manifest.numRanks();
  }

  /** By which the best checkpoint is kept, if it was measured. */
  public OptionalDouble metric() {
    return manifest.metric();
  }

  /** What the run noted at its commit. */
  public JsonObject run() {
    return manifest.run();
  }

  /** All tensors, in alphabetical order. */
  public Set<String> names() {
    return state.names();
  }

  /**
   * Fills these rows with what was saved, from as many ranks' files as it takes.
   *
   * @throws InvalidInputException if there is no such tensor, it has another shape or dtype, or a
   *     block that holds some of it is damaged; the rows may be half filled then
   */
  public void read(TensorRows rows) {
    long rowBytes = TensorRows.rowBytes(rows.fullShape(), rows.dtype());
    for (StateIndex.Place place : state.places(rows.name(), rows.dtype(), rows.fullShape())) {
      RankIndex.Piece piece = place.piece();
      int from = Math.max(rows.fromRow(), piece.fromRow());
      int to = Math.min(rows.toRow(), piece.toRow());
      if (from < to) {
        long skipped = (from - rows.fromRow()) * rowBytes; // of the rows that are filled
        long position = piece.position() + (from - piece.fromRow()) * rowBytes;
        read(
            files.get(place.rank()),
            position,
            position + (to - from) * rowBytes,
            (start, chunk) -> rows.copyIn(skipped + start, chunk));
      }
    }
  }

  /** Reads all of the checkpoint and checks it, without using anything. */
  public void verify() {
    for (BlockReader file : files) {
      read(file, 0, file.fileBytes(), (start, chunk) -> {});
    }
  }

  private void read(BlockReader file, long from, long to, BlockReader.Target target) {
    try {
      file.read(from, to, target);
    } catch (IOException e) {
      throw unreadable(folder, e);
    } catch (InvalidInputException e) {
      throw new InvalidInputException(advice.apply(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    IOException failure = new IOException("a file can't be closed");
    closeAll(files, failure);
    if (failure.getSuppressed().length > 0) {
      throw unreadable(folder, failure);
    }
  }

  /** Closes every file, also where another can't be. */
  private static void closeAll(List<BlockReader> files, Exception failure) {
    for (BlockReader file : files) {
      try {
        file.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private static UncheckedIOException unreadable(Path folder, IOException e) {
    return new UncheckedIOException(folder + " can't be read: " + e.getMessage(), e);
  }
}
