package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The pairwise preference model as a whole: trained, stored, loaded, and asked. */
class PairwisePreferenceTest {
  private static final String STORIES = "models/stories260K";
  private static final List<Message> EGG = List.of(new Message("user", "How to boil an egg?"));

  @TempDir private static Path shared;
  private static Path model;

  @BeforeAll
  static void train() throws IOException {
    model = TinyRun.train(recipe(shared, "run"), 2, () -> false).model().orElseThrow();
  }

  private static Recipe recipe(Path folder, String output, String... overrides) throws IOException {
    List<String> all = new ArrayList<>();
    all.add("method=pairwise-preference");
    all.add("pairwise.answer_tokens=[A, B]");
    all.add("data.train=[" + writePairs(folder.resolve("texts.jsonl")) + "]");
    all.add("data.max_length=256");
    all.addAll(List.of(overrides));
    return new TinyRun(folder).recipe(STORIES, output, all.toArray(String[]::new));
  }

  /** Kind answers against unkind ones. */
  private static Path writePairs(Path file) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      lines.append(
          "{\"prompt\": \"Tell me about day %d.\", \"chosen\": \"It was a happy day %d.\","
                  .formatted(i, i)
              + " \"rejected\": \"Go away %d!\"}\n".formatted(i));
    }
    return Files.writeString(file, lines);
  }

  private static List<ScoreRow> rows(String... lines) {
    byte[] bytes = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    List<ScoreRow> rows = new ArrayList<>();
    try (RowReader reader = RowFiles.open("rows", new ByteArrayInputStream(bytes))) {
      for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
        rows.add(ScoreRow.parse(row.get()));
      }
    }
    return rows;
  }

  @Test
  void theStoredFolderIsALanguageModelWithAContract() throws IOException {
    ModelConfig config = ModelConfig.read(model);
    assertEquals(List.of("LlamaForCausalLM"), config.architectures());
    JsonNode contract = JsonMapper.shared().readTree(Files.readString(model.resolve("assay.json")));
    assertEquals("pairwise-preference", contract.path("method").asString());
    assertEquals("generation_prompt", contract.path("read_at").asString());
    assertEquals(447, contract.path("answer_tokens").path("A").asInt());
    assertEquals(2, contract.path("probes").size());
  }

  @Test
  void answersChangePlacesAndTheProbabilityBecomesItsComplement() {
    try (RewardModel loaded = RewardModel.load(model)) {
      double there = loaded.preference(EGG, "Ten minutes.", "No idea.");
      double back = loaded.preference(EGG, "No idea.", "Ten minutes.");
      assertEquals(1, there + back);
      assertTrue(there > 0 && there < 1 && there != 0.5, "" + there);
      assertEquals(0.5, loaded.preference(EGG, "Same.", "Same."));
    }
  }

  @Test
  void rowsAreAnsweredByTheirKind() {
    List<ScoreRow> rows =
        rows(
            "{\"prompt\":\"Hi\",\"chosen\":\"a\",\"rejected\":\"b\"}",
            "{\"prompt\":\"Hi\",\"responses\":[\"a\",\"b\",\"a\"]}",
            "{\"prompt\":\"Hi\",\"response\":\"a\"}",
            "{\"chosen_ids\":[1],\"rejected_ids\":[2]}",
            "{\"prompt\":\"Hi\",\"chosen\":[{\"role\":\"user\",\"content\":\"Ho\"},"
                + "{\"role\":\"assistant\",\"content\":\"a\"}],\"rejected\":\"b\"}");
    try (RewardModel loaded = RewardModel.load(model)) {
      List<Judgement> judgements = loaded.judge(rows);
      assertInstanceOf(Judgement.Preference.class, judgements.get(0));
      Judgement.Ranking ranking = assertInstanceOf(Judgement.Ranking.class, judgements.get(1));
      assertEquals(3, ranking.ranking().length);
      assertEquals(ranking.winRates()[0], ranking.winRates()[2], "the same answer twice");
      assertEquals(1.5, ranking.winRates()[0] + ranking.winRates()[1] + ranking.winRates()[2]);
      for (int i = 2; i < 5; i++) {
        assertInstanceOf(Judgement.Refusal.class, judgements.get(i));
        assertTrue(rows.get(i).answer(judgements.get(i)).has("error"));
      }
      assertEquals(
          List.of("p_chosen"), List.copyOf(rows.get(0).answer(judgements.get(0)).propertyNames()));
      assertEquals(
          List.of("ranking", "win_rates"),
          List.copyOf(rows.get(1).answer(judgements.get(1)).propertyNames()));
    }
  }

  /** Two rows of one context and one answer in common: none of their numbers depends on it. */
  @Test
  void rowsThatBeginAlikeAreComputedTogetherAndGetTheBitsTheyHaveAlone() {
    List<ScoreRow> rows =
        rows(
            "{\"prompt\":\"Tell me about a day.\",\"chosen\":\"It was a happy day.\","
                + "\"rejected\":\"Go away now, please!\"}",
            "{\"prompt\":\"What?\",\"chosen\":\"Yes, of course.\",\"rejected\":\"No.\"}",
            "{\"prompt\":\"Tell me about a day.\",\"chosen\":\"It was a happy day.\","
                + "\"rejected\":\"The sun was shining.\"}");
    try (RewardModel loaded = RewardModel.load(model)) {
      List<Judgement> together = loaded.judge(rows);
      for (int i = 0; i < rows.size(); i++) {
        assertEquals(loaded.judge(List.of(rows.get(i))).getFirst(), together.get(i));
      }
    }
  }

  @Test
  void aTournamentIsComputedAsATreeAndGivesTheBitsOfQuestionsApart() {
    ScoreRow row =
        rows("{\"prompt\":\"Tell me about a day.\",\"responses\":[\"It was a happy day.\","
                + "\"Go away now, please!\",\"The sun was shining on the sea.\"]}")
            .getFirst();
    try (RewardModel loaded = RewardModel.load(model)) {
      List<int[]> questions =
          loaded.read(row).sequences().stream().map(RowReading.Sequence::ids).toList();
      assertEquals(6, questions.size());
      PackedRows tree = PackedRows.groups(List.of(questions));
      PackedRows apart = PackedRows.sequences(questions);
      assertEquals(1 + 3 + 6, tree.segments().count(), "context, first answers, second answers");
      assertTrue(tree.numRows() < 0.6 * apart.numRows(), tree.numRows() + " rows");
      double[][] expected = loaded.network().outputs(apart);
      double[][] actual = loaded.network().outputs(tree);
      for (int i = 0; i < 6; i++) {
        assertArrayEquals(expected[i], actual[i]);
      }
    }
  }

  @Test
  void itLearnsToTellKindAnswersFromUnkindOnesInBothOrders() throws IOException {
    Recipe recipe =
        recipe(shared, "learn", "training.max_steps=40", "training.learning_rate=3.0e-3");
    Path learnt = TinyRun.train(recipe, 2, () -> false).model().orElseThrow();
    try (RewardModel loaded = RewardModel.load(learnt)) {
      List<Message> prompt = List.of(new Message("user", "Tell me about day 30."));
      String kind = "It was a happy day 30.";
      assertTrue(loaded.preference(prompt, kind, "Go away 30!") > 0.9);
      assertTrue(loaded.preference(prompt, "Go away 30!", kind) < 0.1);
    }
  }

  @Test
  void howABatchIsCutDoesNotChangeTheStepAndTheSeedDecidesTheOrder() throws IOException {
    TinyRun.train(recipe(shared, "whole"), 2, () -> false);
    TinyRun.train(recipe(shared, "cut", "training.micro_batch_tokens=1"), 3, () -> false);
    TinyRun.train(recipe(shared, "other", "training.seed=7", "data.shuffle=false"), 2, () -> false);
    List<Double> whole = losses("whole");
    List<Double> cut = losses("cut");
    for (int i = 0; i < whole.size(); i++) {
      assertEquals(whole.get(i), cut.get(i), 1e-5, "loss of step " + i);
    }
    assertFalse(whole.equals(losses("other")));
  }

  /** The tied head uses the embedding a second time: its gradient must still be added up once. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2, 3})
  void twoRanksGiveTheBitsOfOne(int stage) throws IOException {
    String run = "ranks" + stage;
    String cut = "training.micro_batch_tokens=200";
    TinyRun.train(recipe(shared, run + "of-one", cut), 1, () -> false);
    TinyRun.trainOnRanks(recipe(shared, run, cut, "distributed.zero_stage=" + stage), 2);
    assertEquals(losses(run + "of-one"), losses(run));
  }

  private static List<Double> losses(String run) throws IOException {
    return Files.readAllLines(shared.resolve(run).resolve("metrics.jsonl")).stream()
        .map(line -> JsonMapper.shared().readTree(line).path("loss").asDouble())
        .toList();
  }

  @Test
  void thePlanCountsWhatTheRunTakes() throws IOException {
    Recipe recipe = recipe(shared, "planned");
    try (TrainingSetup setup = TrainingSetup.of(recipe)) {
      MemoryPlan plan = MemoryPlan.of(setup);
      TrainingSummary summary = TinyRun.train(recipe, 2, () -> false);
      long ledger = summary.peakBytes().values().stream().mapToLong(b -> b).sum();
      assertEquals(1, (double) plan.tensorBytes() / ledger, 0.05);
    }
  }

  @Test
  void upstreamsPlaceIsKeptInTheContractAndReadAgain() throws IOException {
    Recipe recipe = recipe(shared, "upstream", "compat=rlhflow");
    Path folder = TinyRun.train(recipe, 2, () -> false).model().orElseThrow();
    assertTrue(Files.readString(folder.resolve("assay.json")).contains("\"user_turn\""));
    try (RewardModel loaded = RewardModel.load(folder)) { // its probes are checked
      ScoreRow row = ScoreRow.answers(EGG, "a", "b");
      String text = loaded.read(row).sequences().getFirst().text().orElseThrow();
      assertTrue(text.endsWith("\n</s>"), text);
    }
  }

  @Test
  void allTokensOfTheTurnAreLearntOnRequest() throws IOException {
    Path folder = Files.createDirectories(shared.resolve("newline"));
    for (String name : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Path source = Path.of(System.getProperty("assay.test-resources"), STORIES, name);
      Files.copy(source, folder.resolve(name));
    }
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m['role'] + ':\\n' + m['content'] + '</s>' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ 'assistant:\\n' }}{% endif %}");
    Recipe recipe = recipe(shared, "turn", "model=" + folder, "pairwise.loss=assistant");
    TrainingSummary summary = TinyRun.train(recipe, 2, () -> false);
    RewardModel.load(summary.model().orElseThrow()).close();
    List<Double> losses = losses("turn");
    assertTrue(losses.getLast() < losses.getFirst(), losses.toString());
  }

  @Test
  void whatCannotBeTrainedIsRefusedBeforeAnyWork() throws IOException {
    refuses("'A' is not one token", "pairwise.answer_tokens=");
    refuses("no token 'Yes!'", "pairwise.answer_tokens=[A, Yes!]");
    refuses("without a language model's head", "model=" + resource("golden/llama"));
    refuses("no tokenizer.json", "model=" + resource("golden/llama3-causal"));
    refuses("is not the generation prompt", "pairwise.loss=assistant");
    refuses("which token ids do not allow", "data.train=[" + shared.resolve("pairs.jsonl") + "]");
    assertFalse(Files.exists(shared.resolve("refused")));
    InvalidInputException cut =
        assertThrows(
            InvalidInputException.class,
            () -> recipe(shared, "refused", "data.too_long=truncate-right"));
    assertTrue(cut.getMessage().contains("truncate-right would cut off"), cut.getMessage());
  }

  private static void refuses(String message, String override) {
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> TinyRun.train(recipe(shared, "refused", override), 2, () -> false));
    assertTrue(error.getMessage().contains(message), error.getMessage());
  }

  private static Path resource(String name) {
    return Path.of(System.getProperty("assay.test-resources"), name);
  }

  @Test
  void hugeLogitsDoNotOverflow() {
    assertEquals(1, PairwisePreference.meanPreference(2000, -2000));
    assertEquals(0.5, PairwisePreference.meanPreference(1500, 1500));
    try (RewardModel loaded = RewardModel.load(model)) {
      PairRewards rewards = loaded.method().rewards(new double[] {2000}, new double[] {-2000});
      assertEquals(2000, rewards.chosen() - rewards.rejected(), 1e-6);
    }
  }

  @Test
  void aModelThatComparesHasNoRewardForOneAnswer() {
    try (RewardModel loaded = RewardModel.load(model)) {
      List<Message> whole = List.of(EGG.getFirst(), new Message("assistant", "Ten minutes."));
      assertThrows(InvalidInputException.class, () -> loaded.score(whole));
    }
  }
}
