package assay.rm;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The folder that a run writes into. A manifest lists the files that the run made, so that {@code
 * --overwrite} removes those and nothing else.
 */
public final class RunFolder {
  /** What to do with a folder that holds a run already. */
  public enum Existing {
    REFUSE,
    /** Remove the files that its manifest names. */
    OVERWRITE,
    /** Go on from its newest checkpoint, or from the start if it has none. */
    RESUME
  }

  private static final String MANIFEST = "manifest.txt";

  private final Path folder;
  private final TreeSet<String> files = new TreeSet<>(List.of(MANIFEST));

  private RunFolder(Path folder) {
    this.folder = folder;
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

  /** Makes the folder and removes what an earlier run left there. */
  public static RunFolder create(Path folder, Existing existing) {
    check(folder, existing);
    try {
      Files.createDirectories(folder);
      RunFolder run = new RunFolder(folder);
      if (Files.exists(folder.resolve(MANIFEST))) {
        run.removeListed();
      }
      run.writeManifest();
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("output: " + folder + " cannot be written", e);
    }
  }

  private void removeListed() throws IOException {
    for (String name : Files.readAllLines(folder.resolve(MANIFEST))) {
      Path file = folder.resolve(name).normalize();
      if (file.startsWith(folder.normalize()) && Files.isRegularFile(file)) {
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
    if (files.add(name)) {
      try {
        writeManifest();
      } catch (IOException e) {
        throw new UncheckedIOException(folder + ": the manifest cannot be written", e);
      }
    }
    return folder.resolve(name);
  }

  /** Where a folder of the run lies; its files are named with {@link #file}. */
  public Path folder(String name) {
    return folder.resolve(name);
  }

  /** First beside its place, then moved there: the manifest is whole at any moment. */
  private void writeManifest() throws IOException {
    Path temporary = folder.resolve(MANIFEST + ".tmp");
    Files.write(temporary, files);
    Files.move(
        temporary,
        folder.resolve(MANIFEST),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
