package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BenchmarkRowTest {
  private static final RewardBench FIRST = new RewardBench(TieRule.LOSE);
  private static final RewardBench2 SECOND = new RewardBench2();
  private static final RmBench STYLES = new RmBench(TieRule.LOSE);

  private static BenchmarkRow parse(Benchmark<?> benchmark, String json) {
    return BenchmarkRow.parse(benchmark, Fixtures.row(json));
  }

  private static String errorOf(Benchmark<?> benchmark, String json) {
    return assertThrows(InvalidInputException.class, () -> parse(benchmark, json)).getMessage();
  }

  @Test
  void aPairKeepsIdAndSubset() {
    BenchmarkRow row =
        parse(
            FIRST,
            "{'prompt':'p','chosen':'good','chosen_model':'m','rejected':'bad','subset':'hep-go',"
                + "'id':3}");
    assertEquals(Optional.of(List.of("good", "bad")), row.texts());
    assertEquals(
        "{\"id\":3,\"subset\":\"hep-go\",\"score_chosen\":0.5,\"score_rejected\":-1.0}",
        row.withScores(0.5, -1).fields().toString());
  }

  @Test
  void bestOfFourCountsTheChosenOnes() {
    BenchmarkRow row =
        parse(
            SECOND,
            "{'id':'a','subset':'Math','prompt':'p','chosen':['c'],'rejected':['r','s','t'],"
                + "'num_correct':1}");
    assertEquals(Optional.of(List.of("c", "r", "s", "t")), row.texts());
    ScoredRow.BestOf scored = SECOND.read(row.withScores(4, 3, 2, 1));
    assertEquals(1, scored.numCorrect());
    assertEquals(1, SECOND.credit(scored));
  }

  @Test
  void threeStylesOfEachAnswer() {
    BenchmarkRow row =
        parse(
            STYLES,
            "{'id':'a','domain':'chat','prompt':'p','chosen':['a','b','c'],"
                + "'rejected':['d','e','f']}");
    ScoredRow.Styles scored = STYLES.read(row.withScores(1, 2, 3, 4, 5, 6));
    assertEquals(
        List.of(4.0, 5.0, 6.0),
        List.of(scored.rejected()[0], scored.rejected()[1], scored.rejected()[2]));
  }

  @Test
  void errorsNameFileLineAndKey() {
    assertEquals(
        "scores.jsonl:17: subset: unknown name 'hep-goo'; did you mean 'hep-go'?",
        errorOf(FIRST, "{'prompt':'p','chosen':'c','rejected':'r','subset':'hep-goo'}"));
    assertTrue(
        errorOf(FIRST, "{'prompt':'p','chosen':'c','rejectet':'r','subset':'hep-go'}")
            .startsWith("scores.jsonl:17: rejected: is missing"));
    assertTrue(
        errorOf(FIRST, "{'prompt':'p','chosen':'c','rejected':7,'subset':'hep-go'}")
            .startsWith("scores.jsonl:17: rejected: "));
    assertEquals(
        "scores.jsonl:17: chosen: expected 3 answers, one in each style, found 2",
        errorOf(
            STYLES, "{'domain':'chat','prompt':'p','chosen':['a','b'],'rejected':['d','e','f']}"));
    assertTrue(
        errorOf(
                SECOND,
                "{'subset':'Math','prompt':'p','chosen':['c'],'rejected':['r'],'num_correct':2}")
            .startsWith("scores.jsonl:17: num_correct: "));
  }
}
