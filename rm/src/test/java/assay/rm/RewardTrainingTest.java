package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import assay.train.NonFiniteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a run promises, whatever it trains. */
class RewardTrainingTest {
  private static final String MODEL = "golden/llama";

  @TempDir private Path temporary;

  @Test
  void theSameRecipeGivesTheSameBytesWithAnyNumberOfThreads() throws IOException {
    TinyRun run = new TinyRun(temporary);
    TinyRun.train(run.recipe(MODEL, "one"), 1, () -> false);
    TinyRun.train(run.recipe(MODEL, "three"), 3, () -> false);
    assertArrayEquals(weights("one"), weights("three"));
  }

  @Test
  void howABatchIsCutDoesNotChangeTheStep() throws IOException {
    TinyRun run = new TinyRun(temporary);
    TinyRun.train(run.recipe(MODEL, "whole"), 2, () -> false);
    TinyRun.train(run.recipe(MODEL, "cut", "training.micro_batch_tokens=1"), 2, () -> false);
    List<String> whole = metrics("whole");
    List<String> cut = metrics("cut");
    assertEquals(4, whole.size());
    for (int i = 0; i < 4; i++) {
      assertEquals(loss(whole.get(i)), loss(cut.get(i)), 1e-5, "loss of step " + i);
    }
  }

  @Test
  void aLossThatIsNotFiniteEndsTheRunAndSavesNothing() {
    TinyRun run = new TinyRun(temporary);
    NonFiniteException error =
        assertThrows(
            NonFiniteException.class,
            () ->
                TinyRun.train(
                    run.recipe(
                        MODEL,
                        "diverged",
                        "training.learning_rate=1.0e+30",
                        "training.save_every=1"),
                    2,
                    () -> false));
    assertTrue(error.getMessage().contains("step 1"), error.getMessage());
    assertTrue(error.getMessage().contains("pairs.jsonl:"), error.getMessage());
    assertFalse(Files.exists(temporary.resolve("diverged/model")));
    assertTrue(Files.exists(temporary.resolve("diverged/checkpoints/step-1/manifest.json")));
  }

  @Test
  void aRunThatIsStoppedSavesTheModelSoFar() throws IOException {
    TinyRun run = new TinyRun(temporary);
    AtomicInteger asked = new AtomicInteger();
    TrainingSummary summary =
        TinyRun.train(run.recipe(MODEL, "stopped"), 2, () -> asked.incrementAndGet() > 2);
    assertTrue(summary.stopped());
    assertEquals(2, summary.steps());
    assertEquals(2, metrics("stopped").size());
    RewardModel.load(summary.model().orElseThrow()).close(); // its probes are checked
  }

  @Test
  void aRunThatIsStoppedBeforeItsFirstStepSavesNoModel() {
    TinyRun run = new TinyRun(temporary);
    TrainingSummary summary = TinyRun.train(run.recipe(MODEL, "untrained"), 2, () -> true);
    assertTrue(summary.stopped());
    assertTrue(summary.model().isEmpty());
    assertFalse(Files.exists(temporary.resolve("untrained/model")));
  }

  @Test
  void aFolderThatHoldsARunIsRefused() {
    TinyRun run = new TinyRun(temporary);
    TinyRun.train(run.recipe(MODEL, "twice"), 2, () -> false);
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> TinyRun.train(run.recipe(MODEL, "twice"), 2, () -> false));
    assertTrue(error.getMessage().contains("--overwrite"), error.getMessage());
  }

  @Test
  void aModelWhoseWeightsWereChangedIsRefusedByItsProbes() throws IOException {
    TinyRun run = new TinyRun(temporary);
    Path model = TinyRun.train(run.recipe(MODEL, "changed"), 2, () -> false).model().orElseThrow();
    Path config = model.resolve("config.json");
    String text = Files.readString(config, StandardCharsets.UTF_8);
    assertTrue(text.contains("\"rms_norm_eps\": 1e-06"), text);
    Files.writeString(config, text.replace("\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": 1e-01"));
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> RewardModel.load(model));
    assertTrue(error.getMessage().contains("probe"), error.getMessage());
  }

  private byte[] weights(String run) throws IOException {
    return Files.readAllBytes(temporary.resolve(run).resolve("model/model.safetensors"));
  }

  private List<String> metrics(String run) throws IOException {
    return Files.readAllLines(temporary.resolve(run).resolve("metrics.jsonl"));
  }

  private static double loss(String row) {
    return JsonMapper.shared().readTree(row).path("loss").asDouble();
  }
}
