package assay.rm.judge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.rm.judge.RowJudge.JudgedRow;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Both orders, what they come to, and what can be learnt from it. */
class RowJudgeTest {
  private static final String PAIR =
      "{\"id\": 7, \"prompt\": \"Why?\", \"chosen\": \"because so\", \"rejected\": \"no\"}";
  private static final String FOUR =
      "{\"prompt\": \"Why?\", \"responses\": [\"xxxx\", \"x\", \"xx\", \"xxx\"], \"best\": 0}";

  /** Somebody who always replies by the same rule. */
  private record RuleJudge(Function<Question, String> rule) implements Judge {
    @Override
    public List<Reply> ask(List<Question> questions) {
      List<Reply> replies = new ArrayList<>();
      for (Question question : questions) {
        String text = rule.apply(question);
        replies.add(Reply.written(question.form().parse(text), text));
      }
      return replies;
    }

    @Override
    public void close() {}
  }

  private static final Judge FIRST = new RuleJudge(_ -> "[[A]]");
  private static final Judge SILENT = new RuleJudge(_ -> "I cannot say.");
  private static final Judge LONGEST = new RuleJudge(RowJudgeTest::longest);

  /** The letter of the longest answer, or its length as its rating. */
  private static String longest(Question question) {
    List<Integer> lengths = new ArrayList<>();
    for (String part : question.conversation().getLast().content().split("answer]\n", -1)) {
      int end = part.indexOf("\n[End"); // of an answer; other parts stand between two
      if (end >= 0) {
        lengths.add(end);
      }
    }
    int best = Collections.max(lengths);
    boolean rating = question.form().verdicts().getFirst() instanceof Verdict.Rating;
    return "[[" + (rating ? "" + best : VerdictForm.letter(lengths.indexOf(best))) + "]]";
  }

  private static JudgedRow judge(Judge judge, String prompt, String row) {
    return new RowJudge(judge, Optional.ofNullable(prompt).map(JudgePromptFile::load), 42)
        .judge(List.of(row(row)), 0)
        .getFirst();
  }

  private static ScoreRow row(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try (RowReader rows = RowFiles.open("test", new ByteArrayInputStream(bytes))) {
      return ScoreRow.parse(rows.next().orElseThrow());
    }
  }

  @Test
  void aJudgeOfAnswersSaysTheSameInBothOrders() {
    JudgedRow judged = judge(LONGEST, null, PAIR);
    JsonNode answer = JudgedRows.answer(judged);
    assertEquals(7, answer.path("id").asInt());
    assertEquals(1, answer.path("p_chosen").asDouble());
    assertEquals("[\"chosen\",\"chosen\"]", answer.path("verdicts").toString());
    assertTrue(answer.path("consistent").asBoolean());
    assertEquals("[\"[[A]]\",\"[[B]]\"]", answer.path("replies").toString());
    JsonNode pair = JudgedRows.pairs(judged, OptionalDouble.empty()).getFirst();
    assertEquals(
        "[{\"role\":\"user\",\"content\":\"Why?\"},{\"role\":\"assistant\",\"content\":\"no\"}]",
        pair.path("rejected").toString());
    assertEquals("because so", pair.path("chosen").path(1).path("content").asString());
  }

  @Test
  void aJudgeOfPlacesContradictsItselfAndTeachesNothing() {
    JudgedRow judged = judge(FIRST, "mt-bench", PAIR);
    JsonNode answer = JudgedRows.answer(judged);
    assertEquals(0.5, answer.path("p_chosen").asDouble());
    assertEquals("[\"chosen\",\"rejected\"]", answer.path("verdicts").toString());
    assertFalse(answer.path("consistent").asBoolean());
    assertTrue(JudgedRows.pairs(judged, OptionalDouble.empty()).isEmpty());
  }

  /** He names the first place always, but more firmly when it holds one of the two. */
  @Test
  void aJudgeOfPlacesMayStillLeanToAnAnswer() {
    Judge leaning =
        new Judge() {
          @Override
          public List<Reply> ask(List<Question> questions) {
            return questions.stream().map(this::reply).toList();
          }

          private Reply reply(Question question) {
            String text = question.conversation().getLast().content();
            double first = text.indexOf("because so") < text.indexOf("]\nno\n[") ? 0.9 : 0.8;
            Optional<List<Double>> probabilities = Optional.of(List.of(first, 1 - first));
            return new Reply(question.form().verdicts().getFirst(), "", probabilities, 1);
          }

          @Override
          public void close() {}
        };
    JudgedRow judged = judge(leaning, null, PAIR);
    assertEquals(0.55, judged.judgement().orElseThrow().shares()[0], 1e-12);
    assertTrue(JudgedRows.pairs(judged, OptionalDouble.empty()).isEmpty());
    assertTrue(JudgedRows.pairs(judged, OptionalDouble.of(0.6)).isEmpty());
    JsonNode pair = JudgedRows.pairs(judged, OptionalDouble.of(0.54)).getFirst();
    assertEquals("because so", pair.path("chosen").path(1).path("content").asString());
  }

  /** RewardBench's rule: half a point of two, a quarter of four. */
  @Test
  void aReplyWithoutVerdictGivesEveryAnswerTheSame() {
    assertArrayEquals(
        new double[] {0.5, 0.5}, judge(SILENT, null, PAIR).judgement().orElseThrow().shares());
    JudgedRow four = judge(SILENT, null, FOUR);
    assertArrayEquals(new double[] {.25, .25, .25, .25}, four.judgement().orElseThrow().shares());
    JsonNode answer = JudgedRows.answer(four);
    assertTrue(answer.path("choice").isNull());
    assertFalse(answer.path("consistent").asBoolean());
    assertEquals("[\"unparsable\",\"unparsable\"]", answer.path("verdicts").toString());
    assertTrue(JudgedRows.pairs(four, OptionalDouble.empty()).isEmpty());
  }

  @Test
  void fourAnswersAreShownInADrawnOrderAndItsReverse() {
    JudgedRow judged = judge(LONGEST, null, FOUR);
    JsonNode answer = JudgedRows.answer(judged);
    assertEquals(0, answer.path("choice").asInt(-1));
    List<Integer> first = new ArrayList<>();
    answer.path("orders").path(0).forEach(i -> first.add(i.asInt()));
    List<Integer> second = new ArrayList<>();
    answer.path("orders").path(1).forEach(i -> second.add(i.asInt()));
    assertEquals(first.reversed(), second);
    assertEquals(3, JudgedRows.pairs(judged, OptionalDouble.empty()).size());
  }

  /** RewardBench 2's rule: (0 in winners) / |winners|. */
  @Test
  void theHighestRatingsShareAlike() {
    String row = "{\"prompt\": \"?\", \"responses\": [\"xxx\", \"xxx\", \"x\", \"xx\"]}";
    JudgedRow judged = judge(LONGEST, "rating", row);
    assertArrayEquals(new double[] {.5, .5, 0, 0}, judged.judgement().orElseThrow().shares());
    assertEquals("[3.0,3.0,1.0,2.0]", JudgedRows.answer(judged).path("ratings").toString());
    assertTrue(JudgedRows.pairs(judged, OptionalDouble.empty()).isEmpty());
    assertArrayEquals(
        new double[] {.25, .25, .25, .25},
        judge(SILENT, "rating", row).judgement().orElseThrow().shares());
  }

  @Test
  void oneAnswerIsRated() {
    String row = "{\"prompt\": \"?\", \"response\": \"four\"}";
    assertEquals(4, JudgedRows.answer(judge(LONGEST, null, row)).path("rating").asDouble());
    assertTrue(JudgedRows.answer(judge(SILENT, null, row)).path("rating").isNull());
  }

  @Test
  void rowsThatCannotBeComparedSayWhy() {
    String ids = "{\"chosen_ids\": [1], \"rejected_ids\": [2]}";
    assertTrue(judge(FIRST, null, ids).error().contains("needs conversations"));
    String other =
        "{\"chosen\": [{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\","
            + "\"content\":\"x\"}], \"rejected\": [{\"role\":\"user\",\"content\":\"b\"},"
            + "{\"role\":\"assistant\",\"content\":\"y\"}]}";
    assertTrue(judge(FIRST, null, other).error().contains("differ before their last turn"));
    assertTrue(judge(FIRST, "pair", FOUR).error().contains("compares 2 answers; there are 4"));
    assertTrue(judge(FIRST, null, "{\"a\": 1}").error().contains("nothing to score"));
  }

  @Test
  void theSummaryCountsOrdersAndCredit() {
    JudgeSummary summary = new JudgeSummary();
    summary.add(judge(LONGEST, null, PAIR));
    summary.add(judge(FIRST, null, PAIR));
    summary.add(judge(SILENT, null, PAIR));
    summary.add(judge(LONGEST, null, FOUR));
    List<String> lines = summary.lines();
    assertTrue(lines.contains("without a verdict: 0.250 of 8"), lines.toString());
    assertTrue(lines.contains("the same verdict in both orders: 0.500 of 4"), lines.toString());
    assertTrue(
        lines.contains("accuracy (tie or no verdict: an equal share): 0.750 of 4"),
        lines.toString());
    assertTrue(lines.contains("  with the answers as given: 0.875 of 4"), lines.toString());
    assertTrue(lines.contains("  with the answers reversed: 0.625 of 4"), lines.toString());
  }
}
