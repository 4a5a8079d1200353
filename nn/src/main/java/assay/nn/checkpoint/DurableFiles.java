package assay.nn.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there whole or not at all, also after a power cut: written under another name,
 * flushed to the disk, renamed, and the rename flushed too.
 */
final class DurableFiles {
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
  static void write(Path file, String text) throws IOException {
    Path temporary = temporary(file);
    Files.writeString(temporary, text);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    publish(file);
  }

  /** On POSIX systems a rename lasts only once its folder is flushed; Windows has no such call. */
  private static void flushFolder(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
