package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import assay.testing.crash.CrashFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No byte of a checkpoint may change unseen. */
class BitFlipsTest {
  private static final int NUM_RANKS = 2;
  private static final int NUM_RANDOM = 10_000;

  private final TestState state = new TestState();
  private final Path path = new CrashFileSystem().getPath("/checkpoints");
  private final CheckpointFolder folder = CheckpointFolder.at(path, TestState.BLOCK_BYTES);

  @BeforeEach
  void save() {
    state.save(folder, 1, NUM_RANKS);
    state.save(folder, 2, NUM_RANKS);
  }

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void aFlippedBitInAnyByteOfAnyFileIsFoundBeforeTheTensorIsUsed() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    long flips = 0;
    for (String name : Names.in(path.resolve("step-2"))) {
      Path file = path.resolve("step-2").resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      for (int i = 0; i < bytes.length; i++) {
        assertFound(file, bytes, i, random.nextInt(8));
        flips++;
      }
    }
    assertEquals(2, state.assertNewestLoads(folder));
    System.out.println("reliability: a flipped bit in each of " + flips + " bytes, all found");
  }

  @Test
  void randomFlippedBitsAreFound() throws IOException {
    SplittableRandom random = new SplittableRandom(Long.getLong("assay.seed", 1));
    Path[] files = {
      path.resolve("step-2/rank-0.safetensors"),
      path.resolve("step-2/rank-1.safetensors"),
      path.resolve("step-2/rank-0.json"),
      path.resolve("step-2/manifest.json")
    };
    byte[][] contents = new byte[files.length][];
    for (int i = 0; i < files.length; i++) {
      contents[i] = Files.readAllBytes(files[i]);
    }
    for (int i = 0; i < NUM_RANDOM; i++) {
      int file = random.nextInt(files.length);
      int position = random.nextInt(contents[file].length);
      assertFound(files[file], contents[file], position, random.nextInt(8));
    }
    System.out.println("reliability: " + NUM_RANDOM + " random flipped bits, all found");
  }

  private void assertFound(Path file, byte[] bytes, int position, int bit) throws IOException {
    byte[] flipped = bytes.clone();
    flipped[position] ^= (byte) (1 << bit);
    Files.write(file, flipped);
    assertDamageIsFound(file, "bit " + bit + " of byte " + position);
    Files.write(file, bytes);
  }

  /** The header of a safetensors file is not used here, but others read it: all is verified. */
  private void assertDamageIsFound(Path file, String what) {
    InvalidInputException found =
        assertThrows(InvalidInputException.class, this::loadAndVerify, file + ": " + what);
    String message = found.getMessage();
    assertTrue(message.contains(file.toString()), message + " should name " + file);
    assertTrue(message.contains("to go on from step-1, move"), message);
  }

  private void loadAndVerify() {
    try (CheckpointReader newest = folder.newest().orElseThrow()) {
      state.tensors().forEach(newest::read);
      newest.verify();
    }
  }

  @Test
  void aFileThatWasCutShortOrAppendedToOrIsGoneIsFound() throws IOException {
    for (String name : Names.in(path.resolve("step-2"))) {
      Path file = path.resolve("step-2").resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      for (int length : new int[] {0, 1, bytes.length / 2, bytes.length - 1, bytes.length + 1}) {
        Files.write(file, Arrays.copyOf(bytes, length));
        assertDamageIsFound(file, "of " + length + " bytes");
      }
      Files.delete(file);
      assertDamageIsFound(file, "gone");
      Files.write(file, bytes);
    }
    assertEquals(2, state.assertNewestLoads(folder));
  }

  @Test
  void filesOfAnotherCheckpointAreNotTakenForThisOnes() throws IOException {
    for (String name : new String[] {"rank-0.json", "rank-1.safetensors", "manifest.json"}) {
      Path file = path.resolve("step-2").resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Files.readAllBytes(path.resolve("step-1").resolve(name)));
      assertThrows(InvalidInputException.class, this::loadAndVerify, name);
      Files.write(file, bytes);
    }
  }
}
