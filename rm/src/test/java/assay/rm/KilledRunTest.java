package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed (kill -9) at random moments, and gone on with after each, ends in the bytes
 * of a run that nobody disturbed. {@code -Dassay.kills=200} kills as often.
 */
class KilledRunTest {
  private static final String MODEL = "golden/llama";
  private static final int KILLS = Integer.getInteger("assay.kills", 3);
  private static final long SEED = Long.getLong("assay.seed", 1);
  private static final int MOST_MILLISECONDS = 500; // after the first step that a run takes

  @TempDir private Path folder;

  /** Saves after every step, on two ranks. */
  private static Recipe recipe(Path folder, String output) {
    return new TinyRun(folder)
        .recipe(
            MODEL,
            output,
            "training.max_steps=12",
            "training.save_every=1",
            "training.micro_batch_tokens=200",
            "distributed.zero_stage=2");
  }

  /** Goes on with a run until it is over or killed; a process of its own. */
  static final class Child {
    private Child() {}

    public static void main(String... arguments) {
      TinyRun.trainOnRanks(
          recipe(Path.of(arguments[0]), arguments[1]), 2, RunFolder.Existing.RESUME, () -> false);
    }
  }

  @Test
  void aKilledRunEndsInTheSameBytes() throws Exception {
    TinyRun.trainOnRanks(recipe(folder, "whole"), 2);
    Random random = new Random(SEED);
    int kills = 0;
    for (int run = 0; kills < KILLS; run++) {
      String output = "killed-" + run;
      boolean over = false;
      while (!over) {
        Process child = start(output);
        if (kills < KILLS && waitForAStep(child, output)) {
          over = child.waitFor(random.nextInt(MOST_MILLISECONDS), TimeUnit.MILLISECONDS);
        } else {
          child.waitFor();
          over = true;
        }
        if (over) {
          assertEquals(0, child.exitValue(), Files.readString(folder.resolve("child.txt")));
        } else {
          child.destroyForcibly().waitFor();
          kills++;
        }
      }
      TinyRun.assertSame(folder.resolve("whole"), folder.resolve(output));
      assertTrue(Files.exists(folder.resolve(output).resolve("checkpoints/step-12")));
    }
    System.out.printf("reliability: killed %d times, seed %d%n", kills, SEED);
  }

  /** Before that there is nothing to lose; false if the child ended. */
  private boolean waitForAStep(Process child, String output) throws Exception {
    Path metrics = folder.resolve(output).resolve("metrics.jsonl");
    long before = size(metrics);
    while (child.isAlive() && size(metrics) <= before) {
      Thread.sleep(1);
    }
    return child.isAlive();
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private Process start(String output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1", // and the plain loops, which need no more
            "--enable-native-access=ALL-UNNAMED",
            "-Dassay.test-resources=" + System.getProperty("assay.test-resources"),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            folder.toString(),
            output)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("child.txt").toFile())
        .start();
  }
}
