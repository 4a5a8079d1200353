package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.ModelConfig;
import assay.rm.RunFolder;
import assay.rm.TrainingListener;
import assay.rm.TrainingSetup;
import assay.rm.recipe.ArmoRmOptions;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both stages on a tiny real model, from texts to a folder that scores. */
class ArmoRmTrainingTest {
  private static final Path MODEL =
      Path.of(System.getProperty("assay.test-resources"), "models", "stories260K");
  private static final List<String> WORDS =
      List.of("cat", "dog", "tree", "house", "ball", "bird", "girl", "boy", "sun", "rain");

  @TempDir private Path folder;

  private Path rated;
  private Path pairs;

  @BeforeEach
  void writeData() throws IOException {
    rated = Files.writeString(folder.resolve("rated.jsonl"), ratedTexts());
    pairs = Files.writeString(folder.resolve("pairs.jsonl"), preferencePairs());
  }

  /** Answers of one to eight words, rated for their length and for a cat. */
  private static String ratedTexts() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      int length = 1 + i % 8;
      boolean cat = i % 3 == 0;
      lines.append(
          """
          {"messages": [%s, %s], "verbosity": %s, "cats": %s}
          """
              .formatted(
                  turn("user", "What did you see on day " + i / 4 + "?"),
                  turn("assistant", answer(i, length, cat)),
                  length / 8.0,
                  i % 2 == 0 ? (cat ? "1" : "0") : "null"));
    }
    return lines.toString();
  }

  private static String preferencePairs() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      lines.append(
          """
          {"prompt": "What is in the garden, %s?", "chosen": "%s", "rejected": "%s"}
          """
              .formatted(
                  WORDS.get(i % 10) + i,
                  answer(i, 2 + i % 5, true),
                  answer(i + 1, 2 + (i + 2) % 5, false)));
    }
    return lines.toString();
  }

  private static String turn(String role, String content) {
    return "{\"role\": \"%s\", \"content\": \"%s\"}".formatted(role, content);
  }

  private static String answer(int seed, int length, boolean cat) {
    StringBuilder answer = new StringBuilder("A");
    for (int word = 0; word < length; word++) {
      answer.append(' ').append(WORDS.get(1 + (seed * 7 + word * 3) % 9));
    }
    return answer + (cat ? " and a cat." : " and a tree.");
  }

  @Test
  void aRunLeavesAModelThatLoadsAndScores() {
    ArmoRmTraining.Result result =
        run("run", options("verbosity", "cats"), () -> false).orElseThrow();
    ArmoRmReport report = result.report();
    assertEquals(2, report.objectives().size());
    assertEquals(1, report.objectives().getFirst().penalty()); // verbosity's own
    assertTrue(report.objectives().getFirst().spearman() > 0.5, report.toTable());
    assertTrue(report.gate().orElseThrow().accuracy() > 0.5, report.toTable());
    ModelConfig config = ModelConfig.read(result.model());
    assertTrue(ArmoRmConfig.describes(config));
    assertTrue(Files.exists(folder.resolve("run/armorm.json")));
    assertTrue(Files.exists(result.model().resolve("tokenizer.json")));
    try (Device device = Device.cpu(1);
        ArmoRmNetwork network = ArmoRmCheckpoint.load(result.model(), device, DType.F32)) {
      int[] pattern = network.config().gatePattern().tokens().stream().mapToInt(i -> i).toArray();
      ArmoRmNetwork.Output output = network.score(List.of(List.of(pattern, pattern)));
      assertEquals(2, output.gate()[0].length);
      assertEquals(output.scores()[0], output.scores()[1]);
      assertEquals(0, network.store().get("reward_transform_matrix").value().toFloats()[0]);
    }
  }

  /** An interrupted run keeps its states, and ends with the same model as one that was not. */
  @Test
  void aRunThatWasStoppedGoesOnFromItsEmbeddings() throws IOException {
    Path model = run("whole", options("verbosity", "cats"), () -> false).orElseThrow().model();
    AtomicInteger asked = new AtomicInteger();
    ArmoRmOptions options = options("verbosity", "cats");
    assertEquals(Optional.empty(), run("stopped", options, () -> asked.incrementAndGet() > 6));
    assertTrue(Files.exists(folder.resolve("stopped/embeddings/attributes/cache.txt")));
    Path resumed = run("stopped", options, () -> false).orElseThrow().model();
    assertArrayEquals(
        Files.readAllBytes(model.resolve("model.safetensors")),
        Files.readAllBytes(resumed.resolve("model.safetensors")));
  }

  @Test
  void anAttributeWithoutAnyRatingIsRefusedBeforeAnyWork() {
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> run("unrated", options("verbosity", "dogs"), () -> false));
    assertTrue(error.getMessage().contains("none rates 'dogs'"), error.getMessage());
    assertTrue(error.getMessage().contains("cats, verbosity"), error.getMessage());
    assertTrue(Files.notExists(folder.resolve("unrated")));
  }

  @Test
  void aGatePatternThatIsNotInThePairsIsRefusedBeforeAnyWork() {
    ArmoRmOptions plain = options("verbosity", "cats");
    ArmoRmOptions options = withPattern(plain, List.of(300, 301, 302));
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> run("pattern", options, () -> false));
    assertTrue(error.getMessage().contains("pairs.jsonl:"), error.getMessage());
    assertTrue(error.getMessage().contains("[300, 301, 302]"), error.getMessage());
    assertTrue(Files.notExists(folder.resolve("pattern")));
  }

  @Test
  void theVerbosityAttributeMustBeOneOfTheAttributes() {
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class, () -> run("other", options("cats", "cats"), () -> false));
    assertTrue(error.getMessage().contains("armorm.verbosity"), error.getMessage());
  }

  /** The pattern is what the template puts between question and answer, whatever they are. */
  @Test
  void thePatternIsDerivedFromTheTemplate() {
    try (TrainingSetup setup = TrainingSetup.of(recipe("derived"))) {
      GatePattern pattern = GatePattern.derive(setup.encoder().orElseThrow());
      int[] ids =
          setup
              .encoder()
              .orElseThrow()
              .encode(
                  List.of(
                      new Message("user", "One?"),
                      new Message("assistant", "Two."),
                      new Message("user", "Three?"),
                      new Message("assistant", "Four.")));
      int[] firstTurn =
          setup
              .encoder()
              .orElseThrow()
              .encode(List.of(new Message("user", "One?"), new Message("assistant", "Two.")));
      int last = pattern.require(ids, "two turns");
      assertTrue(last > firstTurn.length, last + " of " + ids.length);
      assertTrue(pattern.require(firstTurn, "one turn") < firstTurn.length);
      assertEquals("</s>", setup.encoder().orElseThrow().tokenizer().token(ids[last]));
    }
  }

  private ArmoRmOptions options(String first, String second) {
    ArmoRmOptions published =
        ArmoRmOptions.published(
            List.of(rated.toString()), List.of(first, second), Optional.of("verbosity"));
    return new ArmoRmOptions(
        published.data(),
        published.attributes(),
        published.heldOutFraction(),
        published.alphas(),
        published.verbosity(),
        published.maxCorrelation(),
        published.embeddings(),
        16,
        2,
        published.gatingTemperature(),
        published.gatingTokenPattern(),
        published.logitScale(),
        published.dropout());
  }

  private static ArmoRmOptions withPattern(ArmoRmOptions options, List<Integer> pattern) {
    return new ArmoRmOptions(
        options.data(),
        options.attributes(),
        options.heldOutFraction(),
        options.alphas(),
        options.verbosity(),
        options.maxCorrelation(),
        options.embeddings(),
        options.gatingHiddenDim(),
        options.gatingNumHidden(),
        options.gatingTemperature(),
        pattern,
        options.logitScale(),
        options.dropout());
  }

  private Recipe recipe(String output) {
    String yaml =
        """
        model: %s
        output: %s
        data: {train: [%s], eval_fraction: 0.25, max_length: 256}
        training: {max_steps: 60, batch_size: 16, learning_rate: 1.0e-2, weight_decay: 0,
          micro_batch_tokens: 512}
        """
            .formatted(MODEL, folder.resolve(output), pairs);
    return Recipe.parse("recipe", yaml, List.of());
  }

  private Optional<ArmoRmTraining.Result> run(
      String output, ArmoRmOptions options, BooleanSupplier stop) {
    try (TrainingSetup setup = TrainingSetup.of(recipe(output));
        Device device = Device.cpu(2)) {
      return ArmoRmTraining.run(
          setup, options, device, RunFolder.Existing.RESUME, TrainingListener.silent(), stop);
    }
  }
}
