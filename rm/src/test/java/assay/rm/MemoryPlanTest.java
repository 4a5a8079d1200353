package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the plan says before a run against what the ledger says after it. */
class MemoryPlanTest {
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
  void theLedgerOfARunIsWithinFivePercentOfItsPlan(String model, @TempDir Path temporary) {
    TinyRun run = new TinyRun(temporary);
    double worst = 0;
    for (boolean checkpointing : new boolean[] {false, true}) {
      for (int microBatchTokens : new int[] {100, 400}) {
        Recipe recipe =
            run.recipe(
                model,
                "run" + checkpointing + microBatchTokens,
                "training.micro_batch_tokens=" + microBatchTokens,
                "training.gradient_checkpointing=" + checkpointing);
        worst = Math.max(worst, Math.abs(relativeError(recipe)));
      }
    }
    System.out.printf(Locale.ROOT, "plan against ledger: %s %.4f%n", model, worst);
    assertTrue(worst <= 0.05, model + ": the plan is off by " + worst);
  }

  private static double relativeError(Recipe recipe) {
    try (TrainingSetup setup = TrainingSetup.of(recipe);
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
}
