package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the plan says before a run against what the ledger says after it. */
class MemoryPlanTest {
  @TempDir private Path temporary;

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
  void theLedgerOfARunIsWithinFivePercentOfItsPlan(String model) {
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
        worst = Math.max(worst, Math.abs(relativeError(recipe, 1)));
      }
    }
    System.out.printf(Locale.ROOT, "plan against ledger: %s %.4f%n", model, worst);
    assertTrue(worst <= 0.05, model + ": the plan is off by " + worst);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1", "1, 2", "1, 3", "2, 0", "2, 1", "2, 2", "2, 3", "4, 0", "4, 1", "4, 2", "4, 3"
  })
  void soIsThatOfRank0OfSeveral(int numRanks, int stage) {
    for (boolean checkpointing : new boolean[] {false, true}) {
      compareOnRanks(numRanks, stage, checkpointing, "fixed");
    }
    if (stage < 2) {
      compareOnRanks(numRanks, stage, false, "fast");
    }
  }

  private void compareOnRanks(int numRanks, int stage, boolean checkpointing, String reduction) {
    Recipe recipe =
        new TinyRun(temporary)
            .recipe(
                "models/stories260K",
                "run-%s-%s".formatted(reduction, checkpointing),
                "training.max_steps=2",
                "training.micro_batch_tokens=150",
                "training.gradient_checkpointing=" + checkpointing,
                "distributed={zero_stage: %d, reduction: %s}".formatted(stage, reduction));
    double error = relativeError(recipe, numRanks);
    System.out.printf(
        Locale.ROOT,
        "plan against ledger: rank 0 of %d, stage %d, %s %.4f%n",
        numRanks,
        stage,
        recipe.output().getFileName(),
        error);
    assertEquals(0, error, 0.05);
  }

  private static double relativeError(Recipe recipe, int numRanks) {
    try (TrainingSetup setup = TrainingSetup.of(recipe)) {
      MemoryPlan plan = MemoryPlan.of(setup, numRanks);
      TrainingSummary summary = TinyRun.trainOnRanks(recipe, numRanks);
      long ledger = summary.peakBytes().values().stream().mapToLong(b -> b).sum();
      assertEquals(summary.peakBytes().get("weights"), plan.peakBytes().get("weights"));
      return (double) plan.tensorBytes() / ledger - 1;
    }
  }

  @Test
  void eachStageOfZeroIsAnAlternativeWithLessMemory() {
    Recipe recipe =
        new TinyRun(temporary)
            .recipe("models/stories260K", "other", "training.gradient_checkpointing=false");
    try (TrainingSetup setup = TrainingSetup.of(recipe)) {
      List<MemoryPlan> plans = MemoryPlan.alternatives(setup, 4);
      assertEquals(8, plans.size());
      assertEquals(MemoryPlan.of(setup, 4), plans.getFirst());
      assertFalse(plans.get(3).checkpointing());
      assertTrue(plans.get(4).checkpointing());
      for (int stage = 1; stage <= 2; stage++) {
        assertTrue(plans.get(stage).tensorBytes() < plans.get(stage - 1).tensorBytes());
      }
      assertTrue(plans.getLast().tensorBytes() < plans.get(2).tensorBytes());
    }
  }

  @Test
  void theLongestPairsNeedNeitherDataNorTokenizer() {
    Recipe recipe =
        new TinyRun(temporary)
            .recipe(
                "golden/llama",
                "longest",
                "data.train=[nowhere.jsonl]",
                "training.micro_batch_tokens=1");
    try (TrainingSetup setup = TrainingSetup.ofLongestPairs(recipe)) {
      assertEquals(2 * recipe.data().maxLength(), MemoryPlan.of(setup, 2).largestPart());
    }
    Recipe ofArmoRm =
        Recipe.read(
            Path.of(System.getProperty("assay.root"), "recipes/armorm-quickstart.yaml"), List.of());
    assertThrows(InvalidInputException.class, () -> TrainingSetup.ofLongestPairs(ofArmoRm).close());
  }
}
