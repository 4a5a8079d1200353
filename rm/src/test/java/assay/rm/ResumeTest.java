package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that is stopped and gone on with is the run that was not stopped. */
class ResumeTest {
  private static final String MODEL = "golden/qwen2";
  private static final int STEPS = 7;
  private static final String[] RUN = {
    "training.max_steps=" + STEPS,
    "training.micro_batch_tokens=200",
    "training.save_every=2",
    "training.eval_every=3",
    "data.eval_fraction=0.2"
  };

  @TempDir private static Path shared;

  private static TinyRun runs;

  @BeforeAll
  static void trainWithoutAStop() {
    runs = new TinyRun(shared);
    TinyRun.train(recipe("whole"), 2, () -> false);
  }

  private static Recipe recipe(String output, String... more) {
    List<String> overrides = new ArrayList<>(List.of(RUN));
    overrides.addAll(List.of(more));
    return runs.recipe(MODEL, output, overrides.toArray(String[]::new));
  }

  private static void sameAsWhole(String output) throws IOException {
    TinyRun.assertSame(shared.resolve("whole"), shared.resolve(output));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void aRunGoesOnFromAnyStep(int steps) throws IOException {
    String output = "stopped-" + steps;
    TinyRun.trainOnRanks(recipe(output), 1, RunFolder.Existing.REFUSE, TinyRun.after(steps));
    assertFalse(
        Arrays.equals(
            Files.readAllBytes(shared.resolve("whole/model/model.safetensors")),
            Files.readAllBytes(shared.resolve(output).resolve("model/model.safetensors"))));
    TinyRun.trainOnRanks(recipe(output), 1, RunFolder.Existing.RESUME, () -> false);
    sameAsWhole(output);
  }

  /** Ranks and stage before the stop, and after. */
  @ParameterizedTest
  @CsvSource({"1, 0, 4, 3", "4, 3, 1, 0", "2, 1, 4, 2", "4, 2, 2, 3", "3, 3, 2, 0", "2, 0, 3, 1"})
  void aRunGoesOnWithOtherRanksAndAnotherStage(int ranks, int stage, int laterRanks, int laterStage)
      throws IOException {
    String output = "elastic-%d-%d-%d-%d".formatted(ranks, stage, laterRanks, laterStage);
    String key = "distributed.zero_stage=";
    TinyRun.trainOnRanks(
        recipe(output, key + stage), ranks, RunFolder.Existing.REFUSE, TinyRun.after(3));
    TinyRun.trainOnRanks(
        recipe(output, key + laterStage), laterRanks, RunFolder.Existing.RESUME, () -> false);
    sameAsWhole(output);
  }

  @Test
  void aRunWithoutACheckpointBeginsAgain() throws IOException {
    TinyRun.trainOnRanks(recipe("again"), 1, RunFolder.Existing.REFUSE, () -> true);
    TinyRun.trainOnRanks(recipe("again"), 1, RunFolder.Existing.RESUME, () -> false);
    sameAsWhole("again");
  }

  /** The newest two, and the one that was evaluated best. */
  @Test
  void oldCheckpointsAreRemoved() throws IOException {
    assertTrue(Files.exists(shared.resolve("whole/checkpoints/step-6/manifest.json")));
    assertTrue(Files.exists(shared.resolve("whole/checkpoints/step-4/manifest.json")));
    assertFalse(Files.exists(shared.resolve("whole/checkpoints/step-2")));
  }

  @Test
  void aRunThatIsOverAddsNothing() throws IOException {
    TinyRun.trainOnRanks(recipe("twice"), 1);
    TinyRun.trainOnRanks(recipe("twice"), 1, RunFolder.Existing.RESUME, () -> false);
    sameAsWhole("twice");
  }

  @Test
  void whatIsComputedMayNotChange() {
    TinyRun.trainOnRanks(recipe("changed"), 1, RunFolder.Existing.REFUSE, TinyRun.after(2));
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () ->
                TinyRun.trainOnRanks(
                    recipe("changed", "training.learning_rate=0.5"),
                    1,
                    RunFolder.Existing.RESUME,
                    () -> false));
    assertTrue(error.getMessage().contains("learning_rate: 0.5"), error.getMessage());
  }

  @Test
  void otherPairsAreNoticed() throws IOException {
    Path folder = Files.createDirectory(shared.resolve("other"));
    Recipe recipe = new TinyRun(folder).recipe(MODEL, "run", RUN);
    TinyRun.trainOnRanks(recipe, 1, RunFolder.Existing.REFUSE, TinyRun.after(2));
    Path pairs = folder.resolve("pairs.jsonl");
    List<String> lines = Files.readAllLines(pairs);
    Files.write(pairs, lines.reversed());
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> TinyRun.trainOnRanks(recipe, 1, RunFolder.Existing.RESUME, () -> false));
    assertTrue(error.getMessage().contains("other pairs"), error.getMessage());
  }

  @Test
  void aDamagedCheckpointIsRefused() throws IOException {
    Recipe recipe = recipe("damaged", "training.eval_every=0");
    TinyRun.trainOnRanks(recipe, 1, RunFolder.Existing.REFUSE, TinyRun.after(5));
    Path file = shared.resolve("damaged/checkpoints/step-5/rank-0.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> TinyRun.trainOnRanks(recipe, 1, RunFolder.Existing.RESUME, () -> false));
    assertTrue(error.getMessage().contains("rank-0.safetensors"), error.getMessage());
    assertTrue(error.getMessage().contains("step-4"), error.getMessage());
  }

  @Test
  void aSecondRunIntoOneFolderIsRefused() {
    TinyRun.trainOnRanks(recipe("both"), 1, RunFolder.Existing.REFUSE, TinyRun.after(1));
    try (RunFolder _ = RunFolder.open(recipe("both").output(), RunFolder.Existing.RESUME)) {
      InvalidInputException error =
          assertThrows(
              InvalidInputException.class,
              () ->
                  TinyRun.trainOnRanks(recipe("both"), 1, RunFolder.Existing.RESUME, () -> false));
      assertTrue(error.getMessage().contains("another run"), error.getMessage());
    }
  }

  @Test
  void overwritingRemovesCheckpointsAndNoFileOfTheUsers() throws IOException {
    TinyRun.trainOnRanks(recipe("over"), 1, RunFolder.Existing.REFUSE, TinyRun.after(5));
    Path mine = Files.writeString(shared.resolve("over/checkpoints/mine.txt"), "mine");
    TinyRun.trainOnRanks(recipe("over"), 1, RunFolder.Existing.OVERWRITE, () -> true);
    assertEquals("mine", Files.readString(mine));
    assertFalse(Files.exists(shared.resolve("over/checkpoints/step-5")));
  }
}
