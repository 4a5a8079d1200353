package assay.testing.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The disk must be able to do what real ones do, or surviving it proves nothing. */
class CrashFileSystemTest {
  private static final int NUM_SEEDS = 2000;

  private static void flush(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** What programs do on one disk before the power is cut. */
  private interface Story {
    void run(Path root) throws IOException;
  }

  /** All that a power cut can leave, each as its files' names and texts. */
  private static Set<String> outcomes(Story story) throws IOException {
    Set<String> outcomes = new TreeSet<>();
    for (long seed = 0; seed < NUM_SEEDS; seed++) {
      CrashFileSystem disk = new CrashFileSystem();
      Path root = disk.getPath("/");
      story.run(root);
      disk.crash(seed);
      StringBuilder left = new StringBuilder();
      try (DirectoryStream<Path> files = Files.newDirectoryStream(root)) {
        for (Path file : files) {
          left.append(file.getFileName()).append('=').append(Files.readString(file)).append(' ');
        }
      }
      outcomes.add(left.toString().replace('\0', '0').strip());
    }
    return outcomes;
  }

  @Test
  void aFileThatWasFlushedWithItsFolderIsThereForGood() throws IOException {
    Story story =
        root -> {
          Files.writeString(root.resolve("a"), "text");
          flush(root.resolve("a"), StandardOpenOption.WRITE);
          flush(root, StandardOpenOption.READ);
        };
    assertEquals(Set.of("a=text"), outcomes(story));
  }

  @Test
  void aFileThatWasFlushedWithoutItsFolderMayBeGone() throws IOException {
    Story story =
        root -> {
          Files.writeString(root.resolve("a"), "text");
          flush(root.resolve("a"), StandardOpenOption.WRITE);
        };
    assertEquals(Set.of("", "a=text"), outcomes(story));
  }

  @Test
  void bytesThatWereNotFlushedMayBeLostCutShortTornOrZero() throws IOException {
    Story story =
        root -> {
          Files.writeString(root.resolve("a"), "");
          flush(root, StandardOpenOption.READ);
          Files.writeString(root.resolve("a"), "text");
        };
    assertTrue(outcomes(story).containsAll(List.of("a=", "a=te", "a=text", "a=0000", "a=t0")));
  }

  @Test
  void aFileThatIsWrittenOverMayHoldBothTexts() throws IOException {
    Story story =
        root -> {
          Files.writeString(root.resolve("a"), "old");
          flush(root.resolve("a"), StandardOpenOption.WRITE);
          flush(root, StandardOpenOption.READ);
          Files.writeString(root.resolve("a"), "new");
        };
    assertTrue(outcomes(story).containsAll(List.of("a=old", "a=new", "a=ned", "a=0ew")));
  }

  @Test
  void aRenameHappensWholeOrNotAtAll() throws IOException {
    Story story =
        root -> {
          Files.writeString(root.resolve("a"), "x");
          flush(root.resolve("a"), StandardOpenOption.WRITE);
          flush(root, StandardOpenOption.READ);
          Files.move(root.resolve("a"), root.resolve("b"), StandardCopyOption.ATOMIC_MOVE);
        };
    assertEquals(Set.of("a=x", "b=x"), outcomes(story));
  }

  @Test
  void changesOfAFolderThatWasNotFlushedMayHappenInAnyOrder() throws IOException {
    Story story =
        root -> {
          for (String name : List.of("a", "b")) {
            Files.writeString(root.resolve(name), "x");
            flush(root.resolve(name), StandardOpenOption.WRITE);
          }
          flush(root, StandardOpenOption.READ);
          Files.delete(root.resolve("a"));
          Files.delete(root.resolve("b"));
        };
    assertEquals(Set.of("", "a=x", "b=x", "a=x b=x"), outcomes(story));
  }

  @Test
  void aFlushThatFailsLosesWhatALaterOneSeemsToSave() throws IOException {
    Story story =
        root -> {
          Files.writeString(root.resolve("a"), "");
          flush(root, StandardOpenOption.READ);
          Files.writeString(root.resolve("a"), "x");
          ((CrashFileSystem) root.getFileSystem()).failAt(Fault.FLUSH_ERROR, 1);
          Path file = root.resolve("a");
          assertThrows(IOException.class, () -> flush(file, StandardOpenOption.WRITE));
          flush(file, StandardOpenOption.WRITE);
        };
    assertTrue(outcomes(story).contains("a="));
  }

  @Test
  void theSameSeedLeavesTheSame() throws IOException {
    Story story = root -> Files.writeString(root.resolve("a"), "some text that may be torn");
    assertEquals(outcomes(story), outcomes(story));
  }

  @Test
  void aShortWriteWritesSomeBytesAndFails() throws IOException {
    CrashFileSystem disk = new CrashFileSystem();
    disk.failAt(Fault.SHORT_WRITE, 1);
    Path file = disk.getPath("/a");
    assertThrows(IOException.class, () -> Files.writeString(file, "12345678"));
    assertEquals("1234", Files.readString(file));
    assertTrue(disk.endFaults());
  }

  @Test
  void afterAPowerCutNothingWorksUntilTheNextStart() throws IOException {
    CrashFileSystem disk = new CrashFileSystem();
    Path file = disk.getPath("/a");
    Files.writeString(file, "x");
    flush(file, StandardOpenOption.WRITE);
    flush(disk.getPath("/"), StandardOpenOption.READ);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      disk.failAt(Fault.POWER_CUT, 1);
      assertThrows(IOException.class, () -> Files.delete(file));
      assertThrows(IOException.class, () -> Files.readString(file));
      disk.crash(1);
      assertThrows(IOException.class, () -> channel.write(ByteBuffer.allocate(1)));
    }
    assertEquals("x", Files.readString(file));
  }

  @Test
  void foldersAndFilesBehaveAsElsewhere() throws IOException {
    CrashFileSystem disk = new CrashFileSystem();
    Path folder = Files.createDirectories(disk.getPath("/one/two"));
    Path file = Files.writeString(folder.resolve("three"), "x");
    assertThrows(FileAlreadyExistsException.class, () -> Files.createDirectory(folder));
    assertThrows(DirectoryNotEmptyException.class, () -> Files.delete(folder));
    assertThrows(NoSuchFileException.class, () -> Files.readString(folder.resolve("none")));
    assertEquals(1, Files.size(file));
    assertTrue(Files.isDirectory(folder));
    Files.writeString(file, "yz", StandardOpenOption.APPEND);
    assertEquals("xyz", Files.readString(disk.getPath("/one/./two/../two/three")));
    assertEquals("two/three", disk.getPath("/one").relativize(file).toString());
    Files.move(file, disk.getPath("/moved"));
    assertEquals("xyz", Files.readString(disk.getPath("/moved")));
    Files.delete(folder);
    assertEquals(disk.getPath("/one"), folder.getParent());
  }
}
