package assay.train.checkpoint;

import assay.nn.checkpoint.DurableFiles;
import assay.nn.checkpoint.SafetensorsLayout;
import assay.nn.checkpoint.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One rank's part in writing a checkpoint: its rows into a file of its own. When all ranks have
 * written, rank 0 commits.
 *
 * <p>{@link #write} may run on another thread while forward and backward go on: they don't change
 * what it reads. It must be over before the optimizer's next step does.
 */
public final class CheckpointWriter {
  private final Path folder; // of all checkpoints
  private final Path writing; // of this one until it is complete
  private final long step;
  private final int rank;
  private final int numRanks;
  private final int blockBytes;

  CheckpointWriter(Path folder, long step, int rank, int numRanks, int blockBytes) {
    if (rank < 0 || rank >= numRanks) {
      throw new IllegalArgumentException("rank " + rank + " of " + numRanks);
    }
    this.folder = folder;
    this.writing = folder.resolve(Names.writing(step));
    this.step = step;
    this.rank = rank;
    this.numRanks = numRanks;
    this.blockBytes = blockBytes;
  }

  /**
   * Writes and flushes all rows that this rank has, a tensor once at most. What is held in memory
   * is one block of 1 MiB.
   */
  public void write(List<TensorRows> rows) {
    Map<String, TensorRows> rowsOf = new HashMap<>();
    List<TensorSpec> specs = new ArrayList<>();
    for (TensorRows tensor : rows) {
      rowsOf.put(tensor.name(), tensor);
      specs.add(new TensorSpec(tensor.name(), tensor.dtype(), tensor.values().shape()));
    }
    SafetensorsLayout layout = SafetensorsLayout.of(specs);
    try {
      BlockChecksums checksums = writeData(layout, rowsOf);
      List<RankIndex.Piece> pieces = new ArrayList<>();
      for (TensorSpec spec : layout.tensors()) {
        TensorRows tensor = rowsOf.get(spec.name());
        pieces.add(
            new RankIndex.Piece(
                spec.name(),
                spec.dtype(),
                tensor.fullShape(),
                tensor.fromRow(),
                tensor.toRow(),
                layout.position(spec.name())));
      }
      RankIndex index = new RankIndex(step, rank, numRanks, layout.bytes(), checksums, pieces);
      SealedJson.write(writing.resolve(Names.index(rank)), index.toJson());
      DurableFiles.flushFolder(writing); // rank 0 can flush for its own machine only
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private BlockChecksums writeData(SafetensorsLayout layout, Map<String, TensorRows> rowsOf)
      throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(
                writing.resolve(Names.data(rank)),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.WRITE)) {
      BlockWriter writer = new BlockWriter(channel, blockBytes, arena);
      MemorySegment header = MemorySegment.ofArray(layout.header());
      writer.write(
          header.byteSize(),
          (start, chunk) -> chunk.copyFrom(header.asSlice(start, chunk.byteSize())));
      for (TensorSpec spec : layout.tensors()) {
        writer.write(spec.bytes(), rowsOf.get(spec.name())::copyOut);
      }
      return writer.finish();
    }
  }

  /**
   * Makes the checkpoint a complete one; called on rank 0, after all ranks have written. If it
   * fails it may be called again.
   *
   * @param run what the run will want to know when it goes on: texts, whole numbers, finite
   *     doubles, booleans, lists and maps of these
   * @param metric by which the best checkpoint is kept, if it was measured
   * @return the checkpoint's folder
   * @throws IllegalArgumentException if JSON can't hold what the run wants to know
   * @throws assay.tensor.InvalidInputException if a row of a tensor was written by no rank
   */
  public Path commit(Map<String, ?> run, OptionalDouble metric) {
    if (!Float.isFinite((float) metric.orElse(0))) { // as the manifest is read
      throw new IllegalArgumentException("a metric of " + metric + " has no place in an order");
    }
    Path complete = folder.resolve(Names.complete(step));
    try {
      if (Names.in(folder).contains(Names.writing(step))) {
        Files.deleteIfExists(writing.resolve(Names.MANIFEST)); // of a commit that failed
        SealedJson.write(
            writing.resolve(Names.MANIFEST),
            Manifest.toJson(step, numRanks, metric, run, describeFiles()));
        DurableFiles.flushFolder(writing);
        Files.move(writing, complete, StandardCopyOption.ATOMIC_MOVE);
      }
      DurableFiles.flushFolder(folder);
    } catch (IOException e) {
      throw failed(e);
    }
    return complete;
  }

  private List<Manifest.FileEntry> describeFiles() throws IOException {
    List<Manifest.FileEntry> files = new ArrayList<>();
    List<RankIndex> indexes = new ArrayList<>();
    files.add(Manifest.describe(writing, Names.MARKER, true));
    for (int i = 0; i < numRanks; i++) {
      indexes.add(RankIndex.parse(SealedJson.read(writing.resolve(Names.index(i)))));
      files.add(Manifest.describe(writing, Names.index(i), true));
      files.add(Manifest.describe(writing, Names.data(i), false));
    }
    StateIndex.merge(indexes, writing.toString()); // throws if a row is missing
    return files;
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        "checkpoint of step " + step + " in " + folder + " can't be written: " + e.getMessage(), e);
  }
}
