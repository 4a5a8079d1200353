package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruningTest {
  @TempDir Path output;

  private final TestState state = new TestState();
  private Path path;
  private CheckpointFolder folder;

  @BeforeEach
  void open() {
    path = output.resolve("checkpoints");
    folder = CheckpointFolder.at(path, TestState.BLOCK_BYTES);
  }

  @AfterEach
  void close() {
    state.close();
  }

  /** Saves the steps 1 to n with these metrics; NaN for one that was not measured. */
  private void save(double... metrics) {
    for (int i = 0; i < metrics.length; i++) {
      folder.begin(i + 1);
      CheckpointWriter writer = folder.writer(i + 1, 0, 1);
      writer.write(state.tensors());
      boolean measured = !Double.isNaN(metrics[i]);
      writer.commit(
          TestState.run(i + 1), measured ? OptionalDouble.of(metrics[i]) : OptionalDouble.empty());
    }
  }

  @Test
  void theNewestAndTheBestStay() throws IOException {
    save(0.5, 0.9, 0.1, 0.9, Double.NaN, 0.2, 0.3);
    folder.prune(2, CheckpointFolder.Best.HIGHEST);
    assertEquals(List.of(4L, 6L, 7L), folder.steps());
    folder.prune(1, CheckpointFolder.Best.LOWEST);
    assertEquals(List.of(6L, 7L), folder.steps());
    folder.prune(1, CheckpointFolder.Best.NONE);
    assertEquals(List.of(7L), folder.steps());
    assertEquals(Set.of("step-7"), Names.in(path));
  }

  @Test
  void theLastOneCannotBePrunedAway() {
    save(1);
    assertThrows(IllegalArgumentException.class, () -> folder.prune(0, CheckpointFolder.Best.NONE));
  }

  @Test
  void filesOfTheUserStayWhereTheyAre() throws IOException {
    save(1, 2);
    List<Path> files =
        List.of(
            path.resolve("notes.txt"),
            path.resolve("step-3"),
            path.resolve(".step-9.writing"),
            path.resolve("step-1/notes.txt"),
            path.resolve("step-1/rank-1.json"),
            path.resolve("step-1/manifest.json.bak"));
    for (Path file : files) {
      UserFiles.write(file);
    }
    Path mine = Files.createDirectories(path.resolve(".step-8.writing")).resolve("rank-0.json");
    UserFiles.write(mine);
    folder.removeLeftovers();
    folder.prune(1, CheckpointFolder.Best.NONE);
    folder.removeLeftovers();
    UserFiles.assertThere(files);
    UserFiles.assertThere(List.of(mine));
    assertEquals(
        Set.of("notes.txt", "rank-1.json", "manifest.json.bak"), Names.in(path.resolve("step-1")));
    assertEquals(List.of(2L), folder.steps());
  }

  @Test
  void aDamagedCheckpointIsNeitherCountedNorDeleted() throws IOException {
    save(1, 2, 3);
    Path manifest = path.resolve("step-2/manifest.json");
    Files.write(manifest, Arrays.copyOf(Files.readAllBytes(manifest), 100));
    folder.prune(2, CheckpointFolder.Best.NONE);
    assertEquals(List.of(1L, 3L), folder.steps());
    assertTrue(Files.exists(path.resolve("step-2/rank-0.safetensors")));
  }

  @Test
  void aNewestCheckpointWithoutItsManifestIsDamagedAndNotForgotten() throws IOException {
    save(1, 2);
    Files.delete(path.resolve("step-2/manifest.json"));
    String message = assertThrows(InvalidInputException.class, folder::newest).getMessage();
    assertTrue(message.contains("step-2/manifest.json: is missing"), message);
    assertTrue(message.contains("to go on from step-1, move " + path.resolve("step-2")), message);
    folder.removeLeftovers();
    assertTrue(Files.exists(path.resolve("step-2/rank-0.safetensors")));
    assertFalse(Names.in(path).contains(".step-2.writing"));
  }
}
