package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A whole run, from the recipe to metrics.jsonl, against what TRL's RewardTrainer logged on the
 * same model and rows: 30 steps on real pairs, on an emulated GPU the first of them.
 */
@Tag("device")
class TrlCurveTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("assay.test-resources"), "golden", "trl-stories260k");

  @Test
  void everyStepIsAsInTrl(@TempDir Path temporary) throws IOException {
    JsonNode golden = read(GOLDEN.resolve("trl.json"));
    Recipe recipe = Recipe.parse("recipe", yaml(temporary.resolve("run")), List.of());
    TrainingSetup setup = TrainingSetup.of(recipe);
    assertArrayEquals(
        ints(golden.path("first_pair_ids").path("chosen")),
        setup.pairs().train().getFirst().chosenIds());
    assertArrayEquals(
        ints(golden.path("first_pair_ids").path("rejected")),
        setup.pairs().train().getFirst().rejectedIds());
    int numSteps = TestDevice.isCpu() ? 30 : 1;
    AtomicInteger asked = new AtomicInteger();
    try (Device device = TestDevice.open()) {
      RewardTraining.run(
          setup,
          device,
          RunFolder.Existing.REFUSE,
          TrainingListener.silent(),
          () -> asked.incrementAndGet() > numSteps);
    }
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(temporary.resolve("run/metrics.jsonl"))) {
      rows.add(JsonMapper.shared().readTree(line));
    }
    JsonNode steps = golden.path("steps");
    double worst = 0;
    assertEquals(numSteps, rows.size());
    for (int i = 0; i < numSteps; i++) {
      JsonNode expected = steps.get(i);
      JsonNode actual = rows.get(i);
      worst = Math.max(worst, relative(expected, actual, "loss"));
      assertTrue(relative(expected, actual, "loss") <= 1e-3, "loss: " + expected + actual);
      assertTrue(relative(expected, actual, "grad_norm") <= 1e-3, "norm: " + expected + actual);
      same(expected, actual, "learning_rate", 1e-9);
      same(expected, actual, "accuracy", 0);
      same(expected, actual, "margin", 1e-3);
      same(expected, actual, "mean_reward", 1e-3);
      same(expected, actual, "min_reward", 1e-3);
      same(expected, actual, "max_reward", 1e-3);
    }
    System.out.printf(
        Locale.ROOT, "TRL's curve: %d steps, worst relative loss %.2e%n", numSteps, worst);
  }

  private static String yaml(Path output) {
    return """
        model: %s
        output: %s
        data: {train: [%s], max_length: 512, shuffle: false}
        training:
          max_steps: 30
          batch_size: 8
          learning_rate: 1.0e-3
          weight_decay: 0.01
          warmup_steps: 3
          gradient_checkpointing: false
        """
        .formatted(GOLDEN.resolve("model"), output, GOLDEN.resolve("pairs.jsonl"));
  }

  private static double relative(JsonNode expected, JsonNode actual, String key) {
    double value = expected.path(key).asDouble();
    return Math.abs(value - actual.path(key).asDouble()) / Math.max(1e-6, Math.abs(value));
  }

  private static void same(JsonNode expected, JsonNode actual, String key, double tolerance) {
    assertEquals(expected.path(key).asDouble(), actual.path(key).asDouble(), tolerance, key);
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  private static JsonNode read(Path file) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(file));
  }
}
