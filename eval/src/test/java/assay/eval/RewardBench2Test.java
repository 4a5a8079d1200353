package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardBench2Test {
  private static final RewardBench2 BENCHMARK = new RewardBench2();

  private static ScoredRow.BestOf bestOf(double... scores) {
    return new ScoredRow.BestOf(Fixtures.place(1), "1", "Math", 1, scores);
  }

  private static ScoredRow.BestOf ties(String id, int numCorrect, double... scores) {
    return new ScoredRow.BestOf(Fixtures.place(1), id, RewardBench2.TIES, numCorrect, scores);
  }

  private static RewardBench2.Result result(List<ScoredRow.BestOf> rows) {
    return (RewardBench2.Result) BENCHMARK.result(rows);
  }

  @Test
  void sharedMaximaShareTheCredit() {
    assertEquals(1, BENCHMARK.credit(bestOf(1, 0, 0, 0)));
    assertEquals(0.5, BENCHMARK.credit(bestOf(1, 1, 0, 0)));
    assertEquals(1 / 3.0, BENCHMARK.credit(bestOf(1, 1, 0, 1)));
    assertEquals(0.25, BENCHMARK.credit(bestOf(1, 1, 1, 1)));
    assertEquals(0, BENCHMARK.credit(bestOf(0, 1, 0, 0)));
  }

  /** Numbers that the published script gives for these rows. */
  @Test
  void tiesScoreIsThePublishedOne() {
    TiesSubset ties =
        result(
                List.of(
                    ties("ref:0", 1, 2, .5, -1),
                    ties("tied:0", 3, 1.5, 1.2, 1.4, .9, -.2),
                    ties("ref:1", 1, .1, .4),
                    ties("tied:1", 2, 3, 1, .5, .25),
                    ties("ref:2", 1, 5, 1),
                    ties("tied:2", 2, 1, 1, 0),
                    ties("ref:3", 1, 1, 1),
                    ties("tied:3", 2, 1, 1, 1)))
            .ties();
    assertEquals(.5, ties.refAccuracy());
    assertEquals(.75, ties.tiedAccuracy());
    assertEquals(.25, ties.preferenceGap());
    assertEquals(.25, ties.preferenceGapHard());
    assertEquals(0.045561480507428004, ties.marginScore(), 1e-15);
    assertEquals(0.47545561480507426, ties.score(), 1e-15);
  }

  @Test
  void questionsWithOneRowCountInItsAccuracyOnly() {
    TiesSubset ties = result(List.of(ties("ref:1", 1, 2, 1), ties("tied:2", 2, 0, 1, 2))).ties();
    assertEquals(new TiesSubset(1, 0, 0, 0, 0), ties);
  }

  @Test
  void overallNeedsAllSixSubsets() {
    RewardBench2.Result result = result(List.of(bestOf(1, 0, 0, 0)));
    assertEquals(1.0, result.subsets().get("Math"));
    assertNull(result.overall());
    assertNull(result.ties());
    assertEquals(List.of("Factuality", "Precise IF", "Safety", "Focus", "Ties"), result.partial());
    assertTrue(result.toJson().containsKey("overall"));
  }

  /** Few values, so that ties occur. */
  @Property
  void tiesScoreStaysInItsRange(
      @ForAll @Size(3) List<@IntRange(min = -2, max = 2) Integer> ref,
      @ForAll @Size(4) List<@IntRange(min = -2, max = 2) Integer> tied) {
    double score =
        result(
                List.of(
                    ties("ref:0", 1, ref.stream().mapToDouble(i -> i).toArray()),
                    ties("tied:0", 2, tied.stream().mapToDouble(i -> i).toArray())))
            .ties()
            .score();
    assertTrue(score >= -0.01 && score <= 1.01 + 1e-15, () -> "" + score);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ref:1  | Ties | 1 | [1]       | scores: expected the scores of two answers or more, found 1
          7      | Ties | 1 | [1, 2]    | id: expected 'ref:N' or 'tied:N' in subset Ties, found '7'
          tied:1 | Ties | 1 | [1, 2]    | num_correct: a tied row has two correct answers or more
          tied:1 | Ties | 3 | [1, 2, 3] | num_correct: expected a whole number from 1 to 2, found 3
          1      | Math | 2 | [1, 2, 3] | num_correct: expected a whole number from 1 to 1, found 2
          1      | math | 1 | [1, 2, 3] | subset: unknown name 'math'; did you mean 'Math'?
          """)
  void rowsThatCannotBeAreErrors(
      String id, String subset, int numCorrect, String scores, String message) {
    String row =
        "{'id':'%s','subset':'%s','num_correct':%d,'scores':%s}"
            .formatted(id, subset, numCorrect, scores);
    Exception e =
        assertThrows(InvalidInputException.class, () -> BENCHMARK.read(Fixtures.row(row)));
    assertEquals("scores.jsonl:17: " + message, e.getMessage());
  }

  @Test
  void questionGivenTwiceIsAnError() {
    List<ScoredRow.BestOf> rows = List.of(ties("ref:1", 1, 2, 1), ties("ref:1", 1, 2, 1));
    Exception e = assertThrows(InvalidInputException.class, () -> result(rows));
    assertEquals("scores.jsonl:1: id: 'ref:1' stands in scores.jsonl:1 already", e.getMessage());
  }
}
