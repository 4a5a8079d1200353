package assay.train.checkpoint;

import assay.nn.checkpoint.DurableFiles;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;

/**
 * A folder of a checkpoint that is not complete, because it was not written to the end or because
 * it is being deleted. Only files that are known to be ours go, and what says so goes last; so
 * after an interruption the next attempt can go on.
 */
record Leftover(Path folder) {

  /** Removes what was not written to the end. If anything else is there, it and the marker stay. */
  void removeWritten() throws IOException {
    Set<String> names = Names.in(folder);
    if (names.contains(Names.MARKER)) {
      remove(
          names.stream()
              .filter(name -> Names.isRankFile(name) || name.equals(Names.MANIFEST))
              .toList());
    }
    if (Set.of(Names.MARKER).containsAll(Names.in(folder))) {
      remove(List.of(Names.MARKER));
      Files.delete(folder);
    }
  }

  /**
   * Removes the files that the manifest names, then the manifest.
   *
   * @param visible the name that the folder gets back if anything else is in it
   */
  void removeDeleted(Path visible) throws IOException {
    if (Names.in(folder).contains(Names.MANIFEST)) {
      try {
        List<Manifest.FileEntry> files = Manifest.read(folder).files();
        remove(files.stream().map(Manifest.FileEntry::name).toList());
      } catch (InvalidInputException e) {
        return; // damaged since: nobody knows what is ours
      }
      remove(List.of(Names.MANIFEST));
    }
    if (Names.in(folder).isEmpty()) {
      Files.delete(folder);
    } else {
      Files.move(folder, visible, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** For good, before anything else is removed. */
  private void remove(List<String> names) throws IOException {
    for (String name : names) {
      Files.deleteIfExists(folder.resolve(name));
    }
    DurableFiles.flushFolder(folder);
  }
}
