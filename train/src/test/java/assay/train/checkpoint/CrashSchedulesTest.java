package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.testing.crash.CrashFileSystem;
import assay.testing.crash.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Power cuts at random operations of saving and pruning, with random parts of what was not flushed
 * lost or torn. A schedule follows from {@code -Dassay.seed} and its number alone; {@code
 * -Dassay.crash-schedules=10000} runs more of them.
 */
class CrashSchedulesTest {
  private static final int NUM_SCHEDULES = Integer.getInteger("assay.crash-schedules", 300);

  private static final long SEED = Long.getLong("assay.seed", 1);

  /** About what saving with three ranks takes. */
  private static final int MOST_OPERATIONS = 160;

  private long saves;
  private long cuts;

  @Test
  void afterAnyPowerCutTheNewestCommittedCheckpointOrALaterOneLoads() throws IOException {
    long start = System.nanoTime();
    try (TestState state = new TestState()) {
      for (int number = 0; number < NUM_SCHEDULES; number++) {
        try {
          new Schedule(state, SEED * 1_000_000 + number).run();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("schedule %d of seed %d".formatted(number, SEED), e);
        }
      }
    }
    System.out.printf(
        "reliability: %d crash schedules of seed %d, with %d saves and %d power cuts, in %.1f s%n",
        NUM_SCHEDULES, SEED, saves, cuts, (System.nanoTime() - start) * 1e-9);
  }

  /** One run and its accidents. */
  private final class Schedule {
    private final TestState state;
    private final SplittableRandom random;
    private final CrashFileSystem disk = new CrashFileSystem();
    private final Path path = disk.getPath("/run/checkpoints");
    private final CheckpointFolder folder = CheckpointFolder.at(path, TestState.BLOCK_BYTES);
    private final List<Path> userFiles = new ArrayList<>();
    private long committed; // the newest step whose save returned, or that was found

    Schedule(TestState state, long seed) {
      this.state = state;
      this.random = new SplittableRandom(seed);
    }

    void run() throws IOException {
      Files.createDirectory(disk.getPath("/run"));
      UserFiles.flush(disk.getPath("/"));
      int numRounds = 2 + random.nextInt(7);
      for (int round = 0; round < numRounds; round++) {
        boolean faulty = random.nextBoolean();
        if (faulty) {
          disk.failAt(Fault.POWER_CUT, 1 + random.nextInt(MOST_OPERATIONS));
        }
        boolean succeeded = succeeds(faulty);
        disk.endFaults();
        if (!succeeded || random.nextInt(4) == 0) {
          cuts++;
          disk.crash(random.nextLong());
          recover();
        }
        if (random.nextInt(4) == 0 && committed > 0) {
          addUserFile();
        }
      }
      folder.removeLeftovers();
      UserFiles.assertThere(userFiles);
    }

    private boolean succeeds(boolean mayFail) {
      try {
        if (random.nextInt(3) == 0) {
          folder.prune(1 + random.nextInt(3), CheckpointFolder.Best.HIGHEST);
        } else {
          state.save(folder, committed + 1, 1 + random.nextInt(3));
          committed++;
          saves++;
        }
        return true;
      } catch (UncheckedIOException e) {
        if (!mayFail) {
          throw e;
        }
        return false;
      }
    }

    /** As a run that goes on does: it takes the newest checkpoint. */
    private void recover() throws IOException {
      long newest = 0;
      if (committed > 0 || folder.newest().isPresent()) {
        newest = state.assertNewestLoads(folder);
      }
      assertTrue(newest >= committed, newest + " is newest, but " + committed + " was committed");
      committed = newest;
      for (String name : Names.in(path)) {
        if (Names.in(path.resolve(name)).contains(Names.MANIFEST) && !name.startsWith(".")) {
          try (CheckpointReader reader = CheckpointReader.open(path.resolve(name))) {
            reader.verify();
          }
        }
      }
      if (random.nextBoolean()) {
        folder.removeLeftovers();
        UserFiles.assertThere(userFiles);
      }
    }

    private void addUserFile() throws IOException {
      Path parent =
          random.nextBoolean() ? path : path.resolve(Names.complete(folder.steps().getFirst()));
      Path file = parent.resolve("notes-" + userFiles.size() + ".txt");
      UserFiles.write(file);
      userFiles.add(file);
    }
  }
}
