package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Files that a user has put among the checkpoints, safe on the disk. */
final class UserFiles {
  private UserFiles() {}

  static void write(Path file) throws IOException {
    Files.writeString(file, "mine: " + file.getFileName());
    flush(file, file.getParent());
  }

  static void flush(Path... paths) throws IOException {
    for (Path path : paths) {
      StandardOpenOption option =
          Files.isDirectory(path) ? StandardOpenOption.READ : StandardOpenOption.WRITE;
      try (FileChannel channel = FileChannel.open(path, option)) {
        channel.force(true);
      }
    }
  }

  static void assertThere(List<Path> files) throws IOException {
    for (Path file : files) {
      assertEquals("mine: " + file.getFileName(), Files.readString(file), file.toString());
    }
  }
}
