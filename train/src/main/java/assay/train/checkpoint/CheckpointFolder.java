package assay.train.checkpoint;

import assay.nn.checkpoint.DurableFiles;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The folder that holds a run's checkpoints, one in {@code step-N} for each N. Complete ones only
 * have that name: it is given, and taken away, by one atomic rename.
 *
 * <p>Rank 0 begins checkpoints, commits and prunes; only one process may do so ({@link RunLock}).
 */
public final class CheckpointFolder {
  /** Which metric is the best. */
  public enum Best {
    /** Of none that is kept for its metric. */
    NONE,
    HIGHEST,
    LOWEST
  }

  private final Path folder;
  private final int blockBytes;

  private CheckpointFolder(Path folder, int blockBytes) {
    this.folder = folder;
    this.blockBytes = blockBytes;
  }

  /** A folder that is there, or that the first checkpoint will make. */
  public static CheckpointFolder at(Path folder) {
    return new CheckpointFolder(folder, BlockChecksums.BLOCK_BYTES);
  }

  /** With smaller blocks, so that small checkpoints have many. */
  static CheckpointFolder at(Path folder, int blockBytes) {
    return new CheckpointFolder(folder, blockBytes);
  }

  /**
   * Makes ready for the checkpoint of a step, on rank 0 and before any rank writes; cleans up what
   * was left half-written or half-deleted.
   *
   * @throws InvalidInputException if there is something else where it would be
   */
  public void begin(long step) {
    Path writing = folder.resolve(Names.writing(step));
    try {
      DurableFiles.createFolders(folder);
      removeLeftovers();
      if (Names.in(folder).contains(Names.complete(step))) {
        throw occupied(folder.resolve(Names.complete(step)));
      }
      Files.createDirectory(writing);
      SealedJson.writeFlushed(writing.resolve(Names.MARKER), Names.MARKER_TEXT);
      DurableFiles.flushFolder(writing); // from now on its files are known to be ours
    } catch (FileAlreadyExistsException e) {
      throw occupied(writing);
    } catch (IOException e) {
      throw failed("step " + step + " can't be begun", e);
    }
  }

  private static InvalidInputException occupied(Path path) {
    return new InvalidInputException(
        path + ": is there already, where a checkpoint is to be written; move it away");
  }

  /** The files of a checkpoint, relative to this folder. */
  public static List<String> files(long step, int numRanks) {
    List<String> files = new ArrayList<>(List.of(Names.MARKER, Names.MANIFEST));
    for (int rank = 0; rank < numRanks; rank++) {
      files.add(Names.data(rank));
      files.add(Names.index(rank));
    }
    return files.stream().map(file -> Names.complete(step) + "/" + file).toList();
  }

  /** One rank's part in writing the checkpoint that was begun. */
  public CheckpointWriter writer(long step, int rank, int numRanks) {
    return new CheckpointWriter(folder, step, rank, numRanks, blockBytes);
  }

  /** The steps of the complete checkpoints, ascending; their values may still be damaged. */
  public List<Long> steps() {
    try {
      return List.copyOf(manifests().keySet());
    } catch (IOException e) {
      throw failed("can't be read", e);
    }
  }

  /**
   * Opens the newest checkpoint; empty if there is none.
   *
   * @throws InvalidInputException if it is damaged: the message names an older one, which is not
   *     taken by itself, since the run would repeat steps that it has reported as done
   */
  public Optional<CheckpointReader> newest() {
    try {
      TreeSet<Long> steps = new TreeSet<>();
      for (String name : Names.in(folder)) {
        OptionalLong step = Names.stepOf(name);
        if (step.isPresent() && isCheckpoint(Names.in(folder.resolve(name)))) {
          steps.add(step.getAsLong());
        }
      }
      return steps.isEmpty() ? Optional.empty() : Optional.of(open(steps.last()));
    } catch (IOException e) {
      throw failed("can't be read", e);
    }
  }

  private static boolean isCheckpoint(Set<String> names) {
    return names.contains(Names.MANIFEST) || names.contains(Names.MARKER);
  }

  /**
   * Opens the checkpoint of a step.
   *
   * @throws InvalidInputException if there is none, or it is damaged
   */
  public CheckpointReader open(long step) {
    Path path = folder.resolve(Names.complete(step));
    CheckpointReader reader =
        CheckpointReader.open(path, message -> message + "; " + adviceAgainst(step));
    if (reader.step() != step) {
      reader.close();
      throw new InvalidInputException(path + ": holds step " + reader.step() + "; was it renamed?");
    }
    return reader;
  }

  private String adviceAgainst(long damaged) {
    Path path = folder.resolve(Names.complete(damaged));
    return steps().reversed().stream()
        .filter(step -> step < damaged)
        .findFirst()
        .map(step -> "to go on from " + Names.complete(step) + ", move " + path + " away")
        .orElse("there is no older checkpoint");
  }

  /** The checkpoints whose manifest is intact and whose files are all there, by step. */
  private Map<Long, Manifest> manifests() throws IOException {
    Map<Long, Manifest> manifests = new TreeMap<>();
    for (String name : Names.in(folder)) {
      OptionalLong step = Names.stepOf(name);
      if (step.isPresent() && isCheckpoint(Names.in(folder.resolve(name)))) {
        intact(folder.resolve(name))
            .filter(manifest -> manifest.step() == step.getAsLong())
            .ifPresent(manifest -> manifests.put(manifest.step(), manifest));
      }
    }
    return manifests;
  }

  private static Optional<Manifest> intact(Path checkpoint) throws IOException {
    try {
      Manifest manifest = Manifest.read(checkpoint);
      manifest.checkFiles(checkpoint);
      return Optional.of(manifest);
    } catch (InvalidInputException e) {
      return Optional.empty(); // damaged: neither counted nor deleted
    }
  }

  /**
   * Deletes all checkpoints but the newest ones and the best. Of these go the files that their
   * manifests name, and the folder if nothing else is in it. What is damaged stays.
   *
   * @param numNewest 1 or more
   */
  public void prune(int numNewest, Best best) {
    if (numNewest < 1) {
      throw new IllegalArgumentException("of the newest checkpoints " + numNewest + " are to stay");
    }
    try {
      Map<Long, Manifest> manifests = manifests();
      List<Long> steps = List.copyOf(manifests.keySet());
      Set<Long> kept =
          new HashSet<>(steps.subList(Math.max(0, steps.size() - numNewest), steps.size()));
      best(manifests.values(), best).ifPresent(kept::add);
      for (long step : steps) {
        if (!kept.contains(step)) {
          delete(step);
        }
      }
    } catch (IOException e) {
      throw failed("old checkpoints can't be deleted", e);
    }
  }

  /** The step with the best metric; of several the newest. */
  private static OptionalLong best(Collection<Manifest> ascending, Best best) {
    OptionalLong step = OptionalLong.empty();
    OptionalDouble most = OptionalDouble.empty();
    for (Manifest manifest : ascending) {
      if (best != Best.NONE && manifest.metric().isPresent()) {
        double metric = manifest.metric().getAsDouble();
        double value = best == Best.HIGHEST ? metric : -metric;
        if (value >= most.orElse(Double.NEGATIVE_INFINITY)) {
          most = OptionalDouble.of(value);
          step = OptionalLong.of(manifest.step());
        }
      }
    }
    return step;
  }

  /** First the name goes, in one step and for good, then the files. */
  private void delete(long step) throws IOException {
    Path deleting = folder.resolve(Names.deleting(step));
    Files.move(folder.resolve(Names.complete(step)), deleting, StandardCopyOption.ATOMIC_MOVE);
    DurableFiles.flushFolder(folder);
    new Leftover(deleting).removeDeleted(folder.resolve(Names.complete(step)));
  }

  /** Removes what interrupted writing or deleting has left; not while a checkpoint is written. */
  public void removeLeftovers() {
    try {
      for (String name : Names.in(folder)) {
        Path path = folder.resolve(name);
        OptionalLong written = Names.stepOf(name, Names.WRITING);
        OptionalLong deleted = Names.stepOf(name, Names.DELETING);
        if ((written.isEmpty() && deleted.isEmpty()) || !isFolder(path)) {
          continue;
        }
        if (written.isPresent()) {
          new Leftover(path).removeWritten();
        } else {
          new Leftover(path).removeDeleted(folder.resolve(Names.complete(deleted.getAsLong())));
        }
      }
    } catch (IOException e) {
      throw failed("leftovers can't be removed", e);
    }
  }

  /** Unlike Files.isDirectory, throws if the disk fails. */
  private static boolean isFolder(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isDirectory();
  }

  private UncheckedIOException failed(String what, IOException e) {
    return new UncheckedIOException(
        "checkpoints in " + folder + ": " + what + ": " + e.getMessage(), e);
  }
}
