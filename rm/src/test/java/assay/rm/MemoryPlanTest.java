package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the plan says before a run against what the ledger says after it. */
class MemoryPlanTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "golden/llama",
        "golden/llama3",
        "golden/mistral",
        "golden/gemma",
        "golden/gemma2",
        "golden/gemma3",
        "golden/qwen2",
        "golden/qwen3",
        "models/stories260K"
      })
  void theLedgerOfARunIsWithinFivePercentOfItsPlan(String model, @TempDir Path temporary)
      throws IOException {
    Path pairs = writePairs(temporary.resolve("pairs.jsonl"));
    double worst = 0;
    for (boolean checkpointing : new boolean[] {false, true}) {
      for (int microBatchTokens : new int[] {100, 400}) {
        String yaml =
            """
            model: %s
            output: %s
            data: {train: [%s], max_length: 128}
            training:
              max_steps: 3
              batch_size: 8
              micro_batch_tokens: %d
              gradient_checkpointing: %b
            """
                .formatted(
                    RESOURCES.resolve(model),
                    temporary.resolve("run" + checkpointing + microBatchTokens),
                    pairs,
                    microBatchTokens,
                    checkpointing);
        worst = Math.max(worst, Math.abs(relativeError(yaml)));
      }
    }
    System.out.printf(Locale.ROOT, "plan against ledger: %s %.4f%n", model, worst);
    assertTrue(worst <= 0.05, model + ": the plan is off by " + worst);
  }

  private static double relativeError(String yaml) {
    try (TrainingSetup setup = TrainingSetup.of(Recipe.parse("recipe", yaml, List.of()));
        Device device = Device.cpu(2)) {
      MemoryPlan plan = MemoryPlan.of(setup);
      TrainingSummary summary =
          RewardTraining.run(
              setup, device, RunFolder.Existing.REFUSE, TrainingListener.silent(), () -> false);
      long ledger = summary.peakBytes().values().stream().mapToLong(b -> b).sum();
      assertEquals(summary.peakBytes().get("weights"), plan.peakBytes().get("weights"));
      return (double) plan.totalBytes() / ledger - 1;
    }
  }

  /** Pairs of token ids with prompts in common, below every tiny vocabulary's size. */
  private static Path writePairs(Path file) throws IOException {
    Random random = new Random(7);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      String prompt = ids(random, 10 + random.nextInt(30));
      lines
          .append("{\"chosen_ids\": [%s, %s], ".formatted(prompt, ids(random, 40)))
          .append("\"rejected_ids\": [%s, %s]}%n".formatted(prompt, ids(random, 25)));
    }
    Files.writeString(file, lines);
    return file;
  }

  private static String ids(Random random, int count) {
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < count; i++) {
      ids.append(i == 0 ? "" : ", ").append(3 + random.nextInt(250));
    }
    return ids.toString();
  }
}
