package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.Judgement;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A decision tree on a trained regression model, from recipe to use. */
class DecisionTreeRewardTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));

  @TempDir private static Path shared;

  private static Path regression;
  private static Path pairs;

  @TempDir private Path temporary;

  /** Attributes that have to do with length, and pairs whose longer answer is the better one. */
  @BeforeAll
  static void trainAttributes() throws IOException {
    StringBuilder ratings = new StringBuilder();
    StringBuilder choices = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      ratings.append(
          "{\"prompt\": \"Question %d\", \"response\": \"%s\", \"long\": %s, \"short\": %s}%n"
              .formatted(i, answer(1 + i % 8), i % 8 / 8.0, 1 - i % 8 / 8.0));
      choices.append(
          "{\"prompt\": \"Question %d\", \"chosen\": \"%s\", \"rejected\": \"%s\"}%n"
              .formatted(i, answer(4 + i % 4), answer(1 + i % 3)));
    }
    Path rated = Files.writeString(shared.resolve("rated.jsonl"), ratings);
    pairs = Files.writeString(shared.resolve("choices.jsonl"), choices);
    Recipe recipe =
        new TinyRun(shared)
            .recipe(
                "models/stories260K",
                "regression",
                "method=regression",
                "regression.attributes=[long, short]",
                "regression.weights=[1, -0.5]",
                "training.max_steps=20",
                "data.train=" + rated);
    regression = TinyRun.train(recipe, 2, () -> false).model().orElseThrow();
  }

  private static String answer(int length) {
    return "Yes. ".repeat(length).strip();
  }

  private Recipe recipe(String output, String... overrides) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "model=" + regression,
                "method=decision-tree",
                "decision_tree={max_depth: 3, min_samples_leaf: 4, folds: 3}",
                "data.eval_fraction=0.25",
                "data.train=" + pairs));
    all.addAll(List.of(overrides));
    return new TinyRun(temporary).recipe("models/stories260K", output, all.toArray(String[]::new));
  }

  private static ObjectNode score(RewardModel model, String line) {
    try (RowReader reader =
        RowFiles.open("rows", new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)))) {
      Row row = reader.next().orElseThrow();
      ScoreRow parsed = ScoreRow.parse(row);
      return parsed.answer(model.judge(List.of(parsed)).getFirst());
    }
  }

  @Test
  void aTreeFindsTheBetterAnswerAndSaysHow() throws IOException {
    TrainingSummary summary = TinyRun.train(recipe("run"), 2, () -> false);
    assertEquals(0, summary.steps());
    assertFalse(summary.stopped());
    assertTrue(summary.evaluation().orElseThrow().accuracy() > 0.8);
    assertEquals(List.of(), summary.samples(), "a reward that the tree does not use is not shown");
    JsonNode report =
        JsonMapper.shared().readTree(Files.readString(temporary.resolve("run/decision_tree.json")));
    assertEquals(3, report.path("cross_validation").size());
    assertEquals("the tree", report.path("held_out").get(0).path("of").asString());
    assertEquals(
        summary.evaluation().orElseThrow().accuracy(),
        report.path("held_out").get(0).path("accuracy").asDouble());
    assertEquals(5, report.path("held_out").size(), "the tree, two attributes, sum, longer");
    try (RewardModel model = RewardModel.load(summary.model().orElseThrow())) {
      String pair = "{\"prompt\":\"Question 3\",\"chosen\":\"%s\",\"rejected\":\"%s\",\"id\":7}";
      ObjectNode one = score(model, pair.formatted(answer(6), answer(2)));
      ObjectNode other = score(model, pair.formatted(answer(2), answer(6)));
      double p = one.path("p_chosen").asDouble();
      assertTrue(p > 0.5, one.toString());
      assertEquals(1, p + other.path("p_chosen").asDouble(), 1e-15);
      assertEquals(7, one.path("id").asInt());
      assertEquals(one.path("chosen_objectives"), other.path("rejected_objectives"));
      assertTrue(one.path("rejected_objectives").has("short"), one.toString());
      JsonNode path = one.path("paths").path("chosen_first");
      assertTrue(path.get(0).asString().startsWith("first - second: "), path.toString());
      assertTrue(path.get(path.size() - 1).asString().contains(" such in training"));
      assertEquals(path, other.path("paths").path("rejected_first"));
    }
  }

  @Test
  void severalAnswersAreRankedAndOneAloneIsRefused() {
    Path folder = TinyRun.train(recipe("run"), 2, () -> false).model().orElseThrow();
    try (RewardModel model = RewardModel.load(folder)) {
      ObjectNode ranked =
          score(
              model,
              "{\"prompt\":\"Question 3\",\"responses\":[\"%s\",\"%s\",\"%s\"]}"
                  .formatted(answer(1), answer(7), answer(1)));
      assertEquals(1, ranked.path("ranking").get(0).asInt(), ranked.toString());
      assertEquals(1, ranked.path("win_rates").get(1).asDouble());
      assertEquals(ranked.path("win_rates").get(0), ranked.path("win_rates").get(2), "a tie");
      assertEquals(3, ranked.path("objectives").size());
      ObjectNode alone = score(model, "{\"prompt\":\"Question 3\",\"response\":\"Yes.\"}");
      assertTrue(alone.path("error").asString().contains("no reward for one"), alone.toString());
      assertThrows(
          InvalidInputException.class, () -> model.score(List.of(new Message("user", "Hi"))));
    }
  }

  @Test
  void trunkHeadsAndAttributesStayAsTheyWere() throws IOException {
    Path folder = TinyRun.train(recipe("run"), 2, () -> false).model().orElseThrow();
    assertArrayEquals(
        Files.readAllBytes(regression.resolve("model.safetensors")),
        Files.readAllBytes(folder.resolve("model.safetensors")));
    assertEquals(2, ModelConfig.read(folder).numLabels());
    List<ScoreRow> rows =
        List.of(ScoreRow.answers(List.of(new Message("user", "Hi")), answer(3), answer(5)));
    try (RewardModel before = RewardModel.load(regression);
        RewardModel after = RewardModel.load(folder)) {
      Judgement.Rewards rewards = (Judgement.Rewards) before.judge(rows).getFirst();
      Judgement.Preference preference = (Judgement.Preference) after.judge(rows).getFirst();
      assertEquals(rewards.explanations(), preference.explanations());
    }
  }

  @Test
  void anyNumberOfRanksAndPartsFitsTheSameTree() throws IOException {
    TinyRun.train(recipe("one"), 2, () -> false);
    TinyRun.trainOnRanks(recipe("two", "training.micro_batch_tokens=60"), 2);
    TinyRun.assertSame(temporary.resolve("one"), temporary.resolve("two"));
  }

  /** On other pairs: the heads are all that is taken over. */
  @Test
  void aTreeCanBeFittedToAModelThatHasOne() {
    Path first = TinyRun.train(recipe("first"), 2, () -> false).model().orElseThrow();
    Recipe again = recipe("again", "model=" + first, "decision_tree.folds=0");
    TrainingSummary summary = TinyRun.train(again, 2, () -> false);
    Contract contract = Contract.read(summary.model().orElseThrow()).orElseThrow();
    assertEquals("decision-tree", contract.method());
    assertEquals(List.of(1.0, -0.5), ((Contract.Compared) contract.reading()).heads().weights());
  }

  @Test
  void aStoppedRunLeavesNoModel() {
    TrainingSummary summary = TinyRun.train(recipe("stopped"), 1, () -> true);
    assertTrue(summary.stopped());
    assertTrue(summary.model().isEmpty());
  }

  @Test
  void thePlanIsTheLedgersPeak() {
    Recipe recipe = recipe("planned", "training.micro_batch_tokens=200");
    try (TrainingSetup setup = TrainingSetup.of(recipe)) {
      MemoryPlan plan = MemoryPlan.of(setup);
      assertEquals(0, plan.steps());
      long ledger =
          TinyRun.train(recipe, 1, () -> false).peakBytes().values().stream()
              .mapToLong(bytes -> bytes)
              .sum();
      assertEquals(1, (double) plan.tensorBytes() / ledger, 0.05);
    }
  }

  private static String refusal(Recipe recipe) {
    return assertThrows(InvalidInputException.class, () -> TinyRun.train(recipe, 1, () -> false))
        .getMessage();
  }

  @Test
  void whatCannotBeFittedIsSaidWithItsKey() {
    String oneHead = refusal(recipe("a", "model=" + RESOURCES.resolve("golden/llama")));
    assertTrue(oneHead.contains("without named heads"), oneHead);
    String random = refusal(recipe("b", "init=random"));
    assertTrue(random.startsWith("init: "), random);
    String leaf = refusal(recipe("c", "decision_tree.min_samples_leaf=500"));
    assertTrue(leaf.startsWith("decision_tree.min_samples_leaf: "), leaf);
    String step = refusal(recipe("d", "training.save_every=3"));
    assertTrue(step.contains("this method has none"), step);
    assertThrows(InvalidInputException.class, () -> recipe("e", "decision_tree.folds=1"));
  }

  /** RLHFlow's published models have one. */
  @Test
  void aPickledTreeIsRefusedByName() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("published"));
    Files.copy(RESOURCES.resolve("golden/llama/config.json"), folder.resolve("config.json"));
    Files.write(folder.resolve("decision_tree.pkl"), new byte[] {(byte) 0x80, 4});
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> RewardModel.load(folder));
    assertTrue(error.getMessage().contains("decision_tree.pkl"), error.getMessage());
    assertTrue(error.getMessage().contains("pickle"), error.getMessage());
  }
}
