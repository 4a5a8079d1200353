package assay.nn.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there whole or not at all, also after a power cut: written under another name,
 * flushed to the disk, renamed, and the rename flushed too.
 */
public final class DurableFiles {
  private DurableFiles() {}

  /** Where a file is written until it is complete. */
  static Path temporary(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".tmp");
  }

  /** Gives the flushed temporary file its name, replacing what had it. */
  static void publish(Path file) throws IOException {
    Files.move(
        temporary(file), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    flushFolder(file.toAbsolutePath().getParent());
  }

  /** Writes a small file whole. */
  public static void write(Path file, String text) throws IOException {
    Path temporary = temporary(file);
    Files.writeString(temporary, text);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    publish(file);
  }

  /** Makes a folder, and those above it that are missing, so that they last. */
  public static void createFolders(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    try {
      Files.createDirectory(folder);
    } catch (NoSuchFileException e) {
      createFolders(parent);
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      // Made before, but perhaps not flushed.
    }
    flushFolder(parent);
  }

  /**
   * Flushes a folder's list of files. On POSIX systems a new, renamed or deleted file is only sure
   * to be so after a power cut once its folder was flushed; Windows has no such call.
   */
  public static void flushFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
