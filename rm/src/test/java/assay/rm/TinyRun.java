package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs of a tiny model on pairs of token ids, in fractions of a second. */
final class TinyRun {
  /** Where the model lies in the output folder. */
  static final String MODEL = "model";

  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));

  private final Path folder;
  private final Path pairs;

  TinyRun(Path folder) {
    this.folder = folder;
    this.pairs = writePairs(folder.resolve("pairs.jsonl"));
  }

  /** 24 pairs of token ids below 253. */
  Path pairs() {
    return pairs;
  }

  /** A recipe on a model of the test resources, with values replaced as after {@code --set}. */
  Recipe recipe(String model, String output, String... overrides) {
    String yaml =
        """
        model: %s
        output: %s
        data: {train: [%s], max_length: 128}
        training: {max_steps: 4, batch_size: 8, learning_rate: 1.0e-3}
        """
            .formatted(RESOURCES.resolve(model), folder.resolve(output), pairs);
    return Recipe.parse("recipe", yaml, List.of(overrides));
  }

  /** Trains on so many threads. */
  static TrainingSummary train(Recipe recipe, int numThreads, BooleanSupplier stop) {
    try (Device device = Device.cpu(numThreads);
        TrainingSetup setup = TrainingSetup.of(recipe, device, TrainingListener.silent())) {
      return RewardTraining.run(
          setup, device, RunFolder.Existing.REFUSE, TrainingListener.silent(), stop);
    }
  }

  /** Trains on so many local ranks of one thread each. */
  static TrainingSummary trainOnRanks(Recipe recipe, int numRanks) {
    return trainOnRanks(recipe, numRanks, RunFolder.Existing.REFUSE, () -> false);
  }

  /** As the other, in a folder that may hold a run, until it is stopped. */
  static TrainingSummary trainOnRanks(
      Recipe recipe, int numRanks, RunFolder.Existing existing, BooleanSupplier stop) {
    try (TrainingSetup setup = TrainingSetup.of(recipe)) {
      return RewardTraining.runOnLocalRanks(
          setup, numRanks, numRanks, existing, TrainingListener.silent(), stop);
    }
  }

  /** Asks for a stop before the step after so many. */
  static BooleanSupplier after(int steps) {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() > steps;
  }

  /** All of metrics.jsonl but times and memory. */
  static List<List<Double>> numbers(Path output) throws IOException {
    List<List<Double>> numbers = new ArrayList<>();
    for (String line : Files.readAllLines(output.resolve("metrics.jsonl"))) {
      JsonNode row = JsonMapper.shared().readTree(line);
      List<Double> of = new ArrayList<>();
      for (String key :
          List.of(
              "step",
              "loss",
              "grad_norm",
              "accuracy",
              "margin",
              "mean_reward",
              "min_reward",
              "max_reward",
              "computed_tokens",
              "eval_loss",
              "eval_accuracy",
              "eval_margin")) {
        of.add(row.path(key).asDouble(Double.NaN));
      }
      numbers.add(of);
    }
    return numbers;
  }

  /** The metrics and the model of two runs are the same to the last bit. */
  static void assertSame(Path expected, Path output) throws IOException {
    assertEquals(numbers(expected), numbers(output));
    assertSameModel(expected.resolve(MODEL), output.resolve(MODEL));
  }

  /** Files of the same names with the same bytes: the model's folder is nothing else. */
  static void assertSameModel(Path expected, Path model) throws IOException {
    assertEquals(names(expected), names(model));
    for (String name : names(expected)) {
      assertArrayEquals(
          Files.readAllBytes(expected.resolve(name)),
          Files.readAllBytes(model.resolve(name)),
          name);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Pairs with prompts in common, of ids below every tiny vocabulary's size. */
  private static Path writePairs(Path file) {
    Random random = new Random(7);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      String prompt = ids(random, 10 + random.nextInt(30));
      lines
          .append("{\"chosen_ids\": [%s, %s], ".formatted(prompt, ids(random, 40)))
          .append("\"rejected_ids\": [%s, %s]}%n".formatted(prompt, ids(random, 25)));
    }
    try {
      return Files.writeString(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String ids(Random random, int count) {
    StringBuilder ids = new StringBuilder();
    for (int i = 0; i < count; i++) {
      ids.append(i == 0 ? "" : ", ").append(3 + random.nextInt(250));
    }
    return ids.toString();
  }
}
