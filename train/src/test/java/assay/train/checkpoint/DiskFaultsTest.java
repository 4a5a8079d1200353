package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.testing.crash.CrashFileSystem;
import assay.testing.crash.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every operation on a file fails once, in every way that a disk has. */
class DiskFaultsTest {
  private static final int NUM_RANKS = 2;

  private final TestState state = new TestState();
  private CrashFileSystem disk;
  private CheckpointFolder folder;
  private List<Path> userFiles;

  @AfterEach
  void close() {
    state.close();
  }

  /** A folder with checkpoints of the steps 1 to n, and two files of the user. */
  private void prepare(int numCheckpoints) throws IOException {
    disk = new CrashFileSystem();
    Path path = disk.getPath("/run/checkpoints");
    folder = CheckpointFolder.at(path, TestState.BLOCK_BYTES);
    Files.createDirectory(disk.getPath("/run"));
    for (long step = 1; step <= numCheckpoints; step++) {
      state.save(folder, step, NUM_RANKS);
    }
    userFiles = List.of(path.resolve("notes.txt"), path.resolve("step-1/rank-7.json"));
    for (Path file : userFiles) {
      UserFiles.write(file);
    }
    UserFiles.flush(disk.getPath("/"), disk.getPath("/run"));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "POWER_CUT")
  void whateverOperationOfSavingFailsTheOldOrTheNewCheckpointIsWholeAndSavingAgainWorks(Fault fault)
      throws IOException {
    long k = 0;
    boolean came;
    do {
      k++;
      prepare(1);
      disk.failAt(fault, k);
      boolean saved = succeeds(() -> state.save(folder, 2, NUM_RANKS));
      came = disk.endFaults();
      long newest = state.assertNewestLoads(folder);
      assertTrue(saved ? newest == 2 : newest >= 1, "operation " + k + ": newest is " + newest);
      if (k % 2 == 0) {
        disk.crash(k);
        newest = state.assertNewestLoads(folder);
        assertTrue(saved ? newest == 2 : newest >= 1, "operation " + k + ": newest is " + newest);
      }
      saveAgain();
      disk.crash(k);
      assertEquals(2, state.assertNewestLoads(folder), "operation " + k);
      UserFiles.assertThere(userFiles);
    } while (came);
    assertTrue(k > 3, "only " + k + " operations can fail so");
    report(fault, k - 1, "saving");
  }

  /** What a run does after a save that failed. */
  private void saveAgain() {
    if (folder.steps().contains(2L)) {
      TestState.commit(folder, 2, NUM_RANKS);
    } else {
      state.save(folder, 2, NUM_RANKS);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NO_SPACE", "IO_ERROR", "FLUSH_ERROR"})
  void whateverOperationOfPruningFailsTheNewestCheckpointLoadsAndPruningAgainWorks(Fault fault)
      throws IOException {
    long k = 0;
    boolean came;
    do {
      k++;
      prepare(3);
      disk.failAt(fault, k);
      succeeds(() -> folder.prune(1, CheckpointFolder.Best.NONE));
      came = disk.endFaults();
      assertEquals(3, state.assertNewestLoads(folder));
      if (k % 2 == 0) {
        disk.crash(k);
        assertEquals(3, state.assertNewestLoads(folder));
      }
      folder.removeLeftovers();
      folder.prune(1, CheckpointFolder.Best.NONE);
      assertEquals(List.of(3L), folder.steps());
      assertEquals(3, state.assertNewestLoads(folder));
      UserFiles.assertThere(userFiles);
    } while (came);
    report(fault, k - 1, "pruning");
  }

  @ParameterizedTest
  @EnumSource(names = "IO_ERROR")
  void aDiskThatFailsWhileReadingIsAnErrorAndNeverAnOlderCheckpointOrNone(Fault fault)
      throws IOException {
    long k = 0;
    boolean came;
    do {
      k++;
      prepare(2);
      disk.failAt(fault, k);
      boolean loaded = succeeds(() -> assertEquals(2, state.assertNewestLoads(folder)));
      came = disk.endFaults();
      assertEquals(!came, loaded, "operation " + k);
    } while (came);
    report(fault, k - 1, "loading");
  }

  private static void report(Fault fault, long operations, String of) {
    System.out.printf("reliability: %s at each of %d operations of %s%n", fault, operations, of);
  }

  private static boolean succeeds(Runnable action) {
    try {
      action.run();
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }
}
