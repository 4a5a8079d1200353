package assay.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.judge.Judge;
import assay.rm.judge.JudgePromptFile;
import assay.rm.judge.Question;
import assay.rm.judge.Reply;
import assay.rm.judge.RowJudge;
import assay.rm.judge.Verdict;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A judge's verdicts as scores of a benchmark's rows. */
class JudgeScorerTest {
  private static final String PAIR =
      "{\"id\": %d, \"subset\": \"hep-java\", \"prompt\": \"?\", \"chosen\": \"xx\", \"rejected\":"
          + " \"y\"}";

  @TempDir private Path folder;

  /** Somebody who always replies by the same rule. */
  private record RuleJudge(Function<Question, String> rule) implements Judge {
    @Override
    public List<Reply> ask(List<Question> questions) {
      return questions.stream().map(this::reply).toList();
    }

    private Reply reply(Question question) {
      String text = rule.apply(question);
      return new Reply(question.form().parse(text), text, Optional.empty(), Double.NaN);
    }

    @Override
    public void close() {}
  }

  private static final Judge FIRST = new RuleJudge(_ -> "[[A]]");
  private static final Judge SILENT = new RuleJudge(_ -> "I cannot say.");
  private static final Judge BY_SEED = new RuleJudge(q -> q.seed() % 3 == 0 ? "[[A]]" : "[[B]]");
  private static final Judge X = new RuleJudge(JudgeScorerTest::letterOfX);

  /** The letter of the answer with an x in it, or a rating by how many there are. */
  private static String letterOfX(Question question) {
    String text = question.conversation().getLast().content();
    if (question.form().verdicts().getFirst() instanceof Verdict.Rating) {
      return "[[" + (1 + text.chars().filter(c -> c == 'x').count()) + "]]";
    }
    int at = text.indexOf("xx");
    int letter = text.lastIndexOf("[Begin of assistant ", at) + "[Begin of assistant ".length();
    return "[[" + text.charAt(letter) + "]]";
  }

  private static JudgeScorer scorer(Judge judge, String prompt) {
    Optional<String> name = Optional.ofNullable(prompt);
    return new JudgeScorer(new RowJudge(judge, name.map(JudgePromptFile::load), 42));
  }

  private <R extends ScoredRow> Scores<R> scores(
      Benchmark<R> benchmark, JudgeScorer scorer, String... rows) throws IOException {
    Path file = Files.write(folder.resolve("rows.jsonl"), List.of(rows));
    EvaluationData<R> data = EvaluationData.check(benchmark, List.of(file.toString()));
    return Scoring.run(scorer, data, Optional.empty(), (_, _, _) -> {});
  }

  @Test
  void aPairsMarginSaysHowProbablyTheChosenAnswerIsTheBetterOne() throws IOException {
    RewardBench benchmark = new RewardBench(TieRule.HALF);
    ScoredRow.Pair sure = scores(benchmark, scorer(X, null), PAIR.formatted(1)).rows().getFirst();
    assertTrue(sure.margin() > 30 && Double.isFinite(sure.margin()), sure.toString());
    assertEquals(1, benchmark.credit(sure));
  }

  @Test
  void ordersThatContradictEachOtherAndSilenceCountHalfAndAreReported() throws IOException {
    RewardBench benchmark = new RewardBench(TieRule.HALF);
    Scores<ScoredRow.Pair> first = scores(benchmark, scorer(FIRST, null), PAIR.formatted(1));
    assertEquals(0.5, benchmark.credit(first.rows().getFirst()));
    assertEquals(new JudgeStatistics(1, 1, 0, 2, 0, 2, 2), first.judge().orElseThrow());
    Scores<ScoredRow.Pair> silent = scores(benchmark, scorer(SILENT, null), PAIR.formatted(1));
    assertEquals(0.5, benchmark.credit(silent.rows().getFirst()));
    assertEquals(new JudgeStatistics(1, 1, 0, 2, 2, 0, 0), silent.judge().orElseThrow());
  }

  @Test
  void ofFourAnswersTheOneThatIsNamedGetsAll() throws IOException {
    String row =
        "{\"id\": \"1\", \"subset\": \"Math\", \"prompt\": \"?\", \"chosen\": [\"xx\"],"
            + " \"rejected\": [\"a\", \"b\", \"c\"]}";
    RewardBench2 benchmark = new RewardBench2();
    Scores<ScoredRow.BestOf> scores = scores(benchmark, scorer(X, null), row);
    assertArrayEquals(new double[] {1, 0, 0, 0}, scores.rows().getFirst().scores());
    assertEquals(1, scores.judge().orElseThrow().consistent());
    Scores<ScoredRow.BestOf> first = scores(benchmark, scorer(FIRST, null), row);
    assertEquals(new JudgeStatistics(1, 1, 0, 2, 0, 2, 2), first.judge().orElseThrow());
    Scores<ScoredRow.BestOf> silent = scores(benchmark, scorer(SILENT, null), row);
    assertEquals(0.25, benchmark.credit(silent.rows().getFirst()));
  }

  @Test
  void severalRightAnswersNeedRatings() throws IOException {
    String ties =
        "{\"id\": \"tied:1\", \"subset\": \"Ties\", \"prompt\": \"?\", \"chosen\": [\"xx\","
            + " \"xxx\"], \"rejected\": [\"y\"]}";
    RewardBench2 benchmark = new RewardBench2();
    Scores<ScoredRow.BestOf> rated = scores(benchmark, scorer(X, "rating"), ties);
    double[] ratings = rated.rows().getFirst().scores();
    assertEquals(1, ratings[1] - ratings[0]);
    assertEquals(2, ratings[0] - ratings[2]);
    assertThrowsWith("--prompt rating", () -> scores(benchmark, scorer(X, null), ties));
    assertThrowsWith("--prompt rating", () -> scorer(X, null).check(new RmBench(TieRule.HALF)));
  }

  @Test
  void aRatingThatWasNotGivenIsNoNumber() {
    RewardBench benchmark = new RewardBench(TieRule.HALF);
    assertThrowsWith(
        "the judge's reply to answer 1 has no rating",
        () -> scores(benchmark, scorer(SILENT, "rating"), PAIR.formatted(1)));
  }

  @Test
  void whatIsDrawnForARowDoesNotDependOnWhereAnEvaluationWasInterrupted() throws IOException {
    RewardBench benchmark = new RewardBench(TieRule.HALF);
    String[] rows = new String[40]; // more than are judged at once
    for (int i = 0; i < rows.length; i++) {
      rows[i] = PAIR.formatted(i);
    }
    Path file = Files.write(folder.resolve("rows.jsonl"), List.of(rows));
    EvaluationData<ScoredRow.Pair> data = EvaluationData.check(benchmark, List.of(file.toString()));
    EvaluationIdentity identity =
        EvaluatedModel.ofJudge("m", false, false, "fp32", Optional.empty(), "by seed")
            .identity(data);
    Path whole = folder.resolve("whole");
    Path again = folder.resolve("again");
    JudgeScorer scorer = scorer(BY_SEED, null);
    score(scorer, data, whole, identity);
    try (EvaluationFolder open = EvaluationFolder.open(again, identity)) {
      assertTrue(open.kept().isEmpty());
    }
    List<String> lines = Files.readAllLines(whole.resolve(EvaluationFolder.SCORES));
    Files.write(again.resolve("scores.partial.jsonl"), lines.subList(0, 7));
    score(scorer, data, again, identity);
    assertEquals(lines, Files.readAllLines(again.resolve(EvaluationFolder.SCORES)));
  }

  private static void score(
      JudgeScorer scorer,
      EvaluationData<ScoredRow.Pair> data,
      Path folder,
      EvaluationIdentity identity) {
    try (EvaluationFolder open = EvaluationFolder.open(folder, identity)) {
      assertEquals(40, Scoring.run(scorer, data, Optional.of(open), (_, _, _) -> {}).rows().size());
    }
  }

  private static void assertThrowsWith(String part, Executable run) {
    String message = assertThrows(InvalidInputException.class, run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
