package assay.rm;

import assay.nn.checkpoint.DurableFiles;
import assay.tensor.InvalidInputException;
import assay.train.checkpoint.CheckpointFolder;
import assay.train.checkpoint.RunLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The folder that a run writes into, which it keeps locked. A manifest lists the files that the run
 * made, so that {@code --overwrite} removes those and nothing else.
 */
public final class RunFolder implements AutoCloseable {
  /** What to do with a folder that holds a run already. */
  public enum Existing {
    REFUSE,
    /** Remove the files that its manifest names. */
    OVERWRITE,
    /** Go on from its newest checkpoint, or from the start if it has none. */
    RESUME
  }

  private static final String MANIFEST = "manifest.txt";
  private static final String CHECKPOINTS = "checkpoints";

  private final Path folder;
  private final RunLock lock;
  private final TreeSet<String> files = new TreeSet<>(List.of(MANIFEST));

  private RunFolder(Path folder, RunLock lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Checks that a run may write here, and changes nothing.
   *
   * @throws InvalidInputException if the folder holds a run and {@code existing} is REFUSE, or it
   *     is a file
   */
  public static void check(Path folder, Existing existing) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InvalidInputException("output: " + folder + " is not a folder");
    }
    if (Files.exists(folder.resolve(MANIFEST)) && existing == Existing.REFUSE) {
      throw new InvalidInputException(
          "output: "
              + folder
              + " holds a run already; --resume goes on with it, --overwrite replaces it, or name"
              + " another folder");
    }
  }

  /**
   * Makes the folder and locks it; removes what an earlier run left there unless it is to go on.
   *
   * @throws InvalidInputException as {@link #check}, or if another run is writing here
   */
  public static RunFolder open(Path folder, Existing existing) {
    check(folder, existing);
    try {
      DurableFiles.createFolders(folder);
      RunFolder run = new RunFolder(folder, RunLock.acquire(folder));
      try {
        check(folder, existing); // as it is now that nobody else writes
        run.takeOver(existing);
        return run;
      } catch (IOException | RuntimeException e) {
        run.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("output: " + folder + " cannot be written", e);
    }
  }

  private void takeOver(Existing existing) throws IOException {
    if (Files.exists(folder.resolve(MANIFEST))) {
      if (existing == Existing.RESUME) {
        files.addAll(Files.readAllLines(folder.resolve(MANIFEST)));
      } else {
        if (Files.isDirectory(folder.resolve(CHECKPOINTS))) {
          CheckpointFolder.at(folder.resolve(CHECKPOINTS)).removeLeftovers();
        }
        removeListed("");
      }
    }
    writeManifest();
  }

  /** Removes the files that the manifest names, of those whose names begin so. */
  private void removeListed(String prefix) throws IOException {
    for (String name : Files.readAllLines(folder.resolve(MANIFEST))) {
      Path file = folder.resolve(name).normalize();
      boolean isOurs = name.startsWith(prefix) && file.startsWith(folder.normalize());
      if (isOurs && Files.isRegularFile(file)) {
        Files.delete(file);
        removeEmptyParents(file.getParent());
      }
    }
  }

  private void removeEmptyParents(Path start) throws IOException {
    Path parent = start;
    while (!parent.equals(folder.normalize()) && isEmpty(parent)) {
      Files.delete(parent);
      parent = parent.getParent();
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  /** The path of a file of the run, which the manifest names from now on. */
  public Path file(String name) {
    name(List.of(name));
    return folder.resolve(name);
  }

  /** Names further files of the run in the manifest. */
  public void name(Collection<String> names) {
    if (files.addAll(names)) {
      try {
        writeManifest();
      } catch (IOException e) {
        throw new UncheckedIOException(folder + ": the manifest cannot be written", e);
      }
    }
  }

  /** Removes those files of a folder of the run that the run made. */
  public void remove(String folderName) {
    try {
      removeListed(folderName + "/");
    } catch (IOException e) {
      throw new UncheckedIOException(folder.resolve(folderName) + " cannot be removed", e);
    }
  }

  /** Where a folder of the run lies; its files are named with {@link #file}. */
  public Path folder(String name) {
    return folder.resolve(name);
  }

  /** The folder of a run's checkpoints. */
  static CheckpointFolder checkpoints(Path output) {
    return CheckpointFolder.at(output.resolve(CHECKPOINTS));
  }

  /** Names a checkpoint's files in the manifest, before they are written. */
  void nameCheckpoint(long step, int numRanks) {
    name(
        CheckpointFolder.files(step, numRanks).stream()
            .map(file -> CHECKPOINTS + "/" + file)
            .toList());
  }

  /** The manifest is whole at any moment. */
  private void writeManifest() throws IOException {
    DurableFiles.write(folder.resolve(MANIFEST), String.join("\n", files) + "\n");
  }

  /** Lets other runs write here. */
  @Override
  public void close() {
    lock.close();
  }
}
