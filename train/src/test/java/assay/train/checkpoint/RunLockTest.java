package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import assay.testing.crash.CrashFileSystem;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path output;

  /** Another process: takes the lock, says so, and keeps it until its input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException {
      try (RunLock lock = RunLock.acquire(Path.of(args[0]))) {
        System.out.println("holding " + lock);
        System.out.flush();
        while (System.in.read() >= 0) {
          // Nothing is sent; the end of the input is waited for.
        }
      }
    }
  }

  private void assertRefused(long pid) {
    String message =
        assertThrows(InvalidInputException.class, () -> RunLock.acquire(output)).getMessage();
    assertTrue(message.contains("another run (process " + pid + " on "), message);
  }

  @Test
  void aSecondRunInTheSameProcessIsRefusedUntilTheFirstEnds() {
    try (RunLock lock = RunLock.acquire(output)) {
      assertTrue(lock.toString().contains("run.lock"));
      assertRefused(ProcessHandle.current().pid());
    }
    RunLock.acquire(output).close();
  }

  @Test
  void aRunInAnotherProcessKeepsThisOneOutEvenUntilItIsKilled() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                output.toString())
            .start();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      assertTrue(reader.readLine().startsWith("holding"));
      assertRefused(process.pid());
      process.destroyForcibly().waitFor();
    }
    RunLock.acquire(output).close();
  }

  @Test
  void theFileNamesTheRunThatHadItLast() throws IOException {
    RunLock.acquire(output).close();
    String pid = "process " + ProcessHandle.current().pid();
    assertTrue(Files.readString(output.resolve("run.lock")).startsWith(pid));
  }

  @Test
  void aPowerCutEndsTheLock() {
    CrashFileSystem disk = new CrashFileSystem();
    Path root = disk.getPath("/");
    RunLock lost = RunLock.acquire(root);
    assertThrows(InvalidInputException.class, () -> RunLock.acquire(root));
    disk.crash(1);
    RunLock.acquire(root).close();
    lost.close();
    assertEquals("/", root.toString());
  }
}
