package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The recipes for models of 7 and 8 billion weights, as far as a machine without GPUs can go with
 * them: planned as they are, and run with two narrow layers. (Two layers of the true width take
 * minutes and up to 30 GB: too much for a test.)
 */
class FullScaleRecipesTest {
  private static final double GIB = 1L << 30;
  private static final long A40 = 46_068L << 20; // what a "48 GB" GPU has
  private static final long A100 = 80L << 30;

  @TempDir private Path temporary;

  private static Recipe recipe(String name, String... overrides) {
    Path recipes = Path.of(System.getProperty("assay.root"), "recipes");
    Path file = recipes.resolve("bt-" + name + ".yaml");
    Path config = recipes.resolve("configs").resolve(Recipe.read(file, List.of()).model());
    List<String> all = new ArrayList<>(List.of("model=" + config));
    all.addAll(List.of(overrides));
    return Recipe.read(file, all);
  }

  private static MemoryPlan plan(Recipe recipe, int numRanks) {
    try (TrainingSetup setup = TrainingSetup.ofLongestPairs(recipe)) {
      return MemoryPlan.of(setup, numRanks);
    }
  }

  private static double state(MemoryPlan plan) {
    return (plan.peakBytes().get("weights")
            + plan.peakBytes().get("gradients")
            + plan.peakBytes().get("optimizer"))
        / GIB;
  }

  /**
   * Weights: the 8,537,680,896, 8,030,261,248 and 7,241,732,096 of the published models, without
   * the language model's head, which Gemma has none of, and with the reward's.
   */
  @ParameterizedTest
  @CsvSource({
    "gemma-7b, 8537683968, 4.0",
    "llama3-8b, 7504928768, 8.0",
    "mistral-7b, 7110664192, 8.0"
  })
  void eachFitsIntoFourGpusOf48GigabytesWithSomeToSpare(
      String name, long numWeights, double spare) {
    MemoryPlan plan = plan(recipe(name), 4);
    assertEquals(numWeights, plan.numWeights());
    assertEquals(8192, plan.largestPart());
    assertEquals(3, plan.zeroStage());
    assertEquals(16.0 / 4 * numWeights / GIB, state(plan), 0.01);
    assertTrue(plan.totalBytes() + spare * GIB <= A40, "" + plan);
  }

  /**
   * Bytes a weight: 2 of its own, (2 + 8) / 4 of its lower half and AdamW's means, 4 of gradient.
   */
  @ParameterizedTest
  @CsvSource({"gemma-7b, 67.59", "llama3-8b, 59.41", "mistral-7b, 56.29"})
  void stage1FitsIntoFourGpusOf80Gigabytes(String name, double state) {
    MemoryPlan plan = plan(recipe(name, "distributed.zero_stage=1"), 4);
    assertEquals(state, state(plan), 0.01);
    assertTrue(plan.totalBytes() <= A100, "" + plan);
  }

  @ParameterizedTest
  @CsvSource({"gemma-7b", "llama3-8b", "mistral-7b"})
  void eachRunsWhenItsModelIsShrunk(String name) {
    TinyRun pairs = new TinyRun(temporary);
    Recipe shrunk =
        recipe(
            name,
            "init=random",
            "model_overrides={num_hidden_layers: 2, hidden_size: 64, intermediate_size: 384,"
                + " num_attention_heads: 4, num_key_value_heads: 2, head_dim: 16, vocab_size: 512}",
            "device=cpu",
            "training.precision=fp32",
            "training.batch_size=8",
            "training.max_steps=2",
            "data.train=[" + pairs.pairs() + "]",
            "data.eval_fraction=0.2",
            "output=" + temporary.resolve(name));
    TrainingSummary summary = TinyRun.trainOnRanks(shrunk, 2);
    assertEquals(2, summary.steps());
    assertTrue(summary.model().isPresent());
  }
}
