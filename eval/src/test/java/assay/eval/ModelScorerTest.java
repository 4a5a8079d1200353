package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.RewardModel;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ModelScorerTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));
  private static final Path MODEL = RESOURCES.resolve("golden/trl-stories260k/model");
  private static final Path PAIRS = RESOURCES.resolve("rewardbench/pairs.jsonl");
  private static final RewardBench BENCHMARK = new RewardBench(TieRule.LOSE);

  private static RewardModel model;

  @TempDir private Path temporary;

  @BeforeAll
  static void load() {
    model = RewardModel.load(MODEL);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static EvaluationData<ScoredRow.Pair> data(Path file) {
    return EvaluationData.check(BENCHMARK, List.of(file.toString()));
  }

  private static Scores<ScoredRow.Pair> score(EvaluationData<ScoredRow.Pair> data) {
    return Scoring.run(
        new ModelScorer(model, Recipe.TooLong.DROP), data, Optional.empty(), (_, _, _) -> {});
  }

  private Scores<ScoredRow.Pair> scoreInto(Path folder, EvaluationData<ScoredRow.Pair> data) {
    EvaluatedModel described =
        EvaluatedModel.of(MODEL.toString(), model, "fp32", Recipe.TooLong.DROP);
    try (EvaluationFolder open = EvaluationFolder.open(folder, described.identity(data))) {
      return Scoring.run(
          new ModelScorer(model, Recipe.TooLong.DROP), data, Optional.of(open), (_, _, _) -> {});
    }
  }

  @Test
  void scoresAreTheRewardsOfEachAnswerByItself() throws IOException {
    List<ScoredRow.Pair> rows = score(data(PAIRS)).rows();
    List<String> lines = Files.readAllLines(PAIRS);
    assertEquals(lines.size(), rows.size());
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = Fixtures.JSON.readTree(lines.get(i));
      Message prompt = new Message("user", row.get("prompt").stringValue());
      Message chosen = new Message("assistant", row.get("chosen").stringValue());
      Message rejected = new Message("assistant", row.get("rejected").stringValue());
      assertEquals(model.score(List.of(prompt, chosen)), rows.get(i).chosen());
      assertEquals(model.score(List.of(prompt, rejected)), rows.get(i).rejected());
    }
  }

  @Test
  void anInterruptedEvaluationGoesOnAndEndsInTheSameFile() throws IOException {
    EvaluationData<ScoredRow.Pair> data = data(PAIRS);
    Path whole = temporary.resolve("whole");
    Scores<ScoredRow.Pair> expected = scoreInto(whole, data);
    byte[] file = Files.readAllBytes(whole.resolve("scores.jsonl"));
    Path resumed = Files.createDirectories(temporary.resolve("resumed"));
    Files.copy(whole.resolve("evaluation.json"), resumed.resolve("evaluation.json"));
    byte[] half = Arrays.copyOf(file, file.length / 2); // in the middle of a line
    Files.write(resumed.resolve("scores.partial.jsonl"), half);
    Scores<ScoredRow.Pair> scores = scoreInto(resumed, data);
    assertEquals(
        Files.readString(whole.resolve("scores.jsonl")),
        Files.readString(resumed.resolve("scores.jsonl")));
    assertFalse(Files.exists(resumed.resolve("scores.partial.jsonl")));
    assertEquals(BENCHMARK.result(expected.rows()), BENCHMARK.result(scores.rows()));
    assertEquals(expected.lengthCorrelation(), scores.lengthCorrelation());
    assertEquals(3, scores.baselines().size());
    // A finished one has nothing left to score.
    assertEquals(scores.rows().size(), scoreInto(resumed, data).rows().size());
  }

  @Test
  void aFolderOfOtherDataOrOfSomethingElseIsRefused() throws IOException {
    Path folder = temporary.resolve("out");
    scoreInto(folder, data(PAIRS));
    List<String> lines = new ArrayList<>(Files.readAllLines(PAIRS));
    Collections.reverse(lines);
    Path reversed = Files.write(temporary.resolve("reversed.jsonl"), lines);
    EvaluationData<ScoredRow.Pair> others = data(reversed);
    String message =
        assertThrows(InvalidInputException.class, () -> scoreInto(folder, others)).getMessage();
    assertTrue(message.contains("evaluation.json: data: "), message);
    assertTrue(message.contains("another --output folder"), message);
    message =
        assertThrows(InvalidInputException.class, () -> scoreInto(temporary, others)).getMessage();
    assertTrue(message.contains("holds other files"), message);
  }

  @Test
  void aRowThatIsTooLongHasAnErrorAndNoBaseline() throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(PAIRS).subList(0, 2));
    lines.add(
        "{\"prompt\":\"%s\",\"chosen\":\"c\",\"rejected\":\"r\",\"subset\":\"hep-go\",\"id\":\"z\"}"
            .formatted("long ".repeat(600)));
    Path folder = temporary.resolve("out");
    Path file = Files.write(temporary.resolve("long.jsonl"), lines);
    Scores<ScoredRow.Pair> scores = scoreInto(folder, data(file));
    assertEquals(2, scores.rows().size());
    assertEquals("z", scores.unscored().getFirst().id());
    assertTrue(scores.unscored().getFirst().error().contains("this model reads 1 to 512"));
    assertEquals(2, scores.baselines().get(Baseline.LONGER).size());
    Scores<ScoredRow.Pair> read =
        ScoreFile.readAll(BENCHMARK, List.of(folder.resolve("scores.jsonl")));
    assertEquals(1, read.unscored().size());
    assertEquals(2, read.tokens().count());
  }

  @Test
  void aTextThatIsCutIsScoredByWhatIsLeftAndCounted() throws IOException {
    String prompt = "long ".repeat(600);
    Path file =
        Files.writeString(
            temporary.resolve("long.jsonl"),
            "{\"prompt\":\"%s\",\"chosen\":\"c\",\"rejected\":\"r\",\"subset\":\"hep-go\"}"
                .formatted(prompt));
    int[] ids =
        model.encoder().encode(List.of(new Message("user", prompt), new Message("assistant", "c")));
    int cut = ids.length - 512;
    for (Recipe.TooLong rule :
        List.of(Recipe.TooLong.TRUNCATE_LEFT, Recipe.TooLong.TRUNCATE_RIGHT)) {
      Scores<ScoredRow.Pair> scores =
          Scoring.run(new ModelScorer(model, rule), data(file), Optional.empty(), (_, _, _) -> {});
      int start = rule == Recipe.TooLong.TRUNCATE_LEFT ? cut : 0;
      double[] expected = model.scoreIds(List.of(Arrays.copyOfRange(ids, start, start + 512)));
      assertEquals(expected[0], scores.rows().getFirst().chosen(), 1e-6);
      assertEquals(cut, scores.cutTokens().max().orElseThrow(), 1); // "r" may be another token more
      assertEquals(512, scores.tokens().max().orElseThrow());
    }
  }
}
