package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.rm.ArmoRmConfig;
import assay.rm.GatePattern;
import assay.rm.MemoryPlan;
import assay.rm.RewardModel;
import assay.rm.RewardTraining;
import assay.rm.RunFolder;
import assay.rm.TrainingListener;
import assay.rm.TrainingSetup;
import assay.rm.TrainingSummary;
import assay.rm.data.Judgement;
import assay.rm.data.PreferencePair;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
  void aRunLeavesAModelThatLoadsAndScores() throws IOException {
    TrainingSummary summary = run("run");
    Path model = summary.model().orElseThrow();
    JsonNode report = JsonMapper.shared().readTree(folder.resolve("run/armorm.json").toFile());
    JsonNode verbosity = report.path("objectives").get(0);
    assertEquals(1, verbosity.path("verbosity_penalty").asDouble(), "its own");
    assertTrue(verbosity.path("spearman").asDouble() > 0.5, "" + report);
    double accuracy = summary.evaluation().orElseThrow().accuracy();
    assertTrue(accuracy > 0.5, "" + report);
    assertEquals(accuracy, report.path("gate").path("eval_accuracy").asDouble(), 1e-9);
    assertTrue(ArmoRmConfig.describes(ModelConfig.read(model)));
    assertTrue(Files.exists(model.resolve("tokenizer.json")));
    try (RewardModel loaded = RewardModel.load(model)) {
      assertEquals("armorm", loaded.contract().orElseThrow().method());
      List<Message> chat = List.of(new Message("user", "Hi?"), new Message("assistant", "A cat."));
      Judgement judgement = loaded.judge(List.of(ScoreRow.conversation(chat))).getFirst();
      Judgement.Explanation explanation = ((Judgement.Rewards) judgement).explanations().getFirst();
      assertEquals(List.of("verbosity", "cats"), List.copyOf(explanation.objectives().keySet()));
      assertEquals(2, explanation.gating().size());
    }
  }

  /** What the run reports of held-out pairs is what the stored model says of them. */
  @Test
  void theHeldOutAccuracyIsThatOfTheStoredModel() {
    for (String compat : List.of("none", "rlhflow")) {
      TrainingSummary summary = run("compat-" + compat, "compat=" + compat);
      try (TrainingSetup setup = TrainingSetup.of(recipe("compat-" + compat));
          RewardModel model = RewardModel.load(summary.model().orElseThrow())) {
        int correct = 0;
        for (PreferencePair pair : setup.pairs().eval()) {
          double[] rewards = model.scoreIds(List.of(pair.chosenIds(), pair.rejectedIds()));
          correct += rewards[0] > rewards[1] ? 1 : 0;
        }
        double expected = summary.evaluation().orElseThrow().accuracy();
        assertEquals(expected, (double) correct / setup.pairs().eval().size(), 1e-9, compat);
      }
    }
  }

  /** In the layout of the published checkpoint: every tensor's name, the heads in F32. */
  @Test
  void theStoredModelHasThePublishedLayout() throws IOException {
    Path reference = Goldens.FOLDER.resolve("armorm-model");
    Path stored = runOnIds("layout", reference, "save_dtype=bf16").model().orElseThrow();
    try (ShardedCheckpoint published = ShardedCheckpoint.open(reference);
        ShardedCheckpoint written = ShardedCheckpoint.open(stored)) {
      assertEquals(published.names(), written.names());
      for (String name : published.names()) {
        assertEquals(name.startsWith("model.") ? "BF16" : "F32", written.entry(name).dtype());
        assertEquals(published.entry(name).shape(), written.entry(name).shape(), name);
      }
    }
    Map<String, Object> config = ModelConfig.read(stored).json();
    ModelConfig.read(reference)
        .json()
        .forEach(
            (key, value) -> {
              if (key.startsWith("gating_") || key.equals("num_objectives")) {
                assertEquals(value, config.get(key), key);
              }
            });
    assertEquals(List.of("LlamaForRewardModelWithGating"), config.get("architectures"));
    RewardModel.load(stored).close(); // its probes are scored again
  }

  /** An interrupted run keeps its states, and ends with the same model as one that was not. */
  @Test
  void aRunThatWasStoppedGoesOnFromItsEmbeddings() throws IOException {
    Path model = run("whole").model().orElseThrow();
    AtomicInteger asked = new AtomicInteger();
    TrainingSummary stopped = run(recipe("stopped"), () -> asked.incrementAndGet() > 6);
    assertTrue(stopped.stopped());
    assertEquals(Optional.empty(), stopped.model());
    assertTrue(Files.exists(folder.resolve("stopped/embeddings/attributes/cache.txt")));
    Path resumed = run("stopped").model().orElseThrow();
    assertArrayEquals(
        Files.readAllBytes(model.resolve("model.safetensors")),
        Files.readAllBytes(resumed.resolve("model.safetensors")));
  }

  @Test
  void anAttributeWithoutAnyRatingIsRefusedBeforeAnyWork() {
    String error = errorOf("unrated", "armorm.attributes=[verbosity, dogs]");
    assertTrue(error.contains("none rates 'dogs'"), error);
    assertTrue(error.contains("cats, verbosity"), error);
    assertTrue(Files.notExists(folder.resolve("unrated")));
  }

  @Test
  void aGatePatternThatIsNotInThePairsIsRefusedBeforeAnyWork() {
    String error = errorOf("pattern", "armorm.gating_token_pattern=[300, 301, 302]");
    assertTrue(error.contains("pairs.jsonl:1"), error);
    assertTrue(error.contains("[300, 301, 302]"), error);
    assertTrue(Files.notExists(folder.resolve("pattern")));
  }

  @Test
  void aGatePatternOutsideTheVocabularyIsRefused() {
    String error = errorOf("vocabulary", "armorm.gating_token_pattern=[99999]");
    assertTrue(error.contains("token id 99999"), error);
  }

  /** Pairs that part before their last question: the gate would read two states. */
  @Test
  void pairsWithTwoLastQuestionsAreDroppedAndCounted() throws IOException {
    Files.writeString(
        pairs,
        """
        {"prompt": [%s], "chosen": [%s, %s, %s], "rejected": [%s]}
        """
            .formatted(
                turn("user", "Hi?"),
                turn("assistant", "Yes."),
                turn("user", "Well?"),
                turn("assistant", "No."),
                turn("assistant", "Good.")),
        StandardOpenOption.APPEND);
    try (TrainingSetup setup = TrainingSetup.of(recipe("questions"))) {
      String table = setup.data().report().toTable();
      assertTrue(table.contains("last questions differ"), table);
    }
  }

  @Test
  void aPlanSaysWhatTheRunWillNeed() {
    MemoryPlan plan;
    try (TrainingSetup setup = TrainingSetup.of(recipe("planned"))) {
      plan = MemoryPlan.of(setup);
    }
    assertTrue(plan.notes().getFirst().contains("2 groups of attributes"), "" + plan.notes());
    assertTrue(Files.notExists(folder.resolve("planned")));
    assertEquals(run("planned").peakBytes(), plan.peakBytes());
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

  private Recipe recipe(String output, String... overrides) {
    String yaml =
        """
        model: %s
        method: armorm
        output: %s
        data: {train: [%s], eval_fraction: 0.25, max_length: 256}
        training: {max_steps: 60, batch_size: 16, learning_rate: 1.0e-2, weight_decay: 0,
          micro_batch_tokens: 512}
        armorm: {data: [%s], attributes: [verbosity, cats], verbosity: verbosity,
          gating_hidden_dim: 16, gating_n_hidden: 2}
        """
            .formatted(MODEL, folder.resolve(output), pairs, rated);
    return Recipe.parse("recipe", yaml, List.of(overrides));
  }

  /** A run without texts, on the reference's trunk, with a gate of its sizes. */
  private TrainingSummary runOnIds(String output, Path model, String override) throws IOException {
    String gate = "9, 6, 191, 7, 271";
    StringBuilder rows = new StringBuilder();
    StringBuilder ratings = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      rows.append(
          "{\"chosen_ids\": [1, %d, %s, 20, %d], \"rejected_ids\": [1, %d, %s, %d]}%n"
              .formatted(40 + i, gate, 60 + i, 40 + i, gate, 100 + i));
      StringBuilder rating =
          new StringBuilder("{\"input_ids\": [1, %d, %s]".formatted(50 + i, gate));
      for (String name : ArmoRmConfig.PUBLISHED_OBJECTIVES) {
        rating.append(", \"%s\": %s".formatted(name, (i * name.length() % 7) / 7.0));
      }
      ratings.append(rating).append("}\n");
    }
    String yaml =
        """
        model: %s
        method: armorm
        output: %s
        data: {train: [%s]}
        training: {max_steps: 2, batch_size: 4}
        armorm: {data: [%s], attributes: [%s], gating_hidden_dim: 24,
          gating_token_pattern: [%s]}
        """
            .formatted(
                model,
                folder.resolve(output),
                Files.writeString(folder.resolve("id-pairs.jsonl"), rows),
                Files.writeString(folder.resolve("id-ratings.jsonl"), ratings),
                String.join(", ", ArmoRmConfig.PUBLISHED_OBJECTIVES),
                gate);
    return run(Recipe.parse("recipe", yaml, List.of(override, "data.max_length=64")), () -> false);
  }

  private String errorOf(String output, String override) {
    return assertThrows(InvalidInputException.class, () -> run(output, override)).getMessage();
  }

  private TrainingSummary run(String output, String... overrides) {
    return run(recipe(output, overrides), () -> false);
  }

  private static TrainingSummary run(Recipe recipe, BooleanSupplier stop) {
    try (TrainingSetup setup = TrainingSetup.of(recipe);
        Device device = Device.cpu(2)) {
      return RewardTraining.run(
          setup, device, RunFolder.Existing.RESUME, TrainingListener.silent(), stop);
    }
  }
}
