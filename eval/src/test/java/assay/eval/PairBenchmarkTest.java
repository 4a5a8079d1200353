package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.tensor.InvalidInputException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairBenchmarkTest {
  private static final PairBenchmark BY_SOURCE =
      new PairBenchmark(TieRule.LOSE, Optional.of("source"));

  @Test
  void accuracyAndMarginByField() {
    List<ScoredRow.Pair> rows =
        List.of(
            BY_SOURCE.read(Fixtures.row("{'source':'x','score_chosen':2,'score_rejected':1}")),
            BY_SOURCE.read(Fixtures.row("{'source':3,'chosen_reward':0,'rejected_reward':2}")),
            BY_SOURCE.read(Fixtures.row("{'source':'x','score_chosen':1,'score_rejected':1}")));
    PairBenchmark.Result result = (PairBenchmark.Result) BY_SOURCE.result(rows);
    assertEquals(new PairBenchmark.Scores(2, .5, .5), result.groups().get("x"));
    assertEquals(new PairBenchmark.Scores(1, 0, -2), result.groups().get("3"));
    assertEquals(3, result.overall().pairs());
    assertEquals(1 / 3.0, result.overall().accuracy(), 1e-15);
    assertEquals(-1 / 3.0, result.overall().meanMargin(), 1e-15);
  }

  @Test
  void withoutAFieldThereAreNoGroups() {
    PairBenchmark benchmark = new PairBenchmark(TieRule.HALF, Optional.empty());
    PairBenchmark.Result result =
        (PairBenchmark.Result) benchmark.result(List.of(Fixtures.pair("", "all", 1, 1)));
    assertEquals(0, result.groups().size());
    assertEquals(.5, result.overall().accuracy());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          {'source':'x','score_chosen':2}                          | score_rejected: is missing; the row has source, score_chosen
          {'sorce':'x','score_chosen':2,'score_rejected':1}        | source: is missing; the row has sorce, score_chosen, score_rejected; did you mean 'sorce'?
          {'source':null,'score_chosen':2,'score_rejected':1}      | source: is null; the row has source, score_chosen, score_rejected
          {'source':'x','score_chosen':'2','score_rejected':1}     | score_chosen: expected a number, found "2"
          {'source':'x','score_chosen':1e999,'score_rejected':1}   | score_chosen: the score is Infinity
          """)
  void rowsThatCannotBeAreErrors(String row, String message) {
    Exception e =
        assertThrows(InvalidInputException.class, () -> BY_SOURCE.read(Fixtures.row(row)));
    assertEquals("scores.jsonl:17: " + message, e.getMessage());
  }
}
