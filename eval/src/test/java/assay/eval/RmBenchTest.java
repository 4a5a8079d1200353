package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.eval.statistics.Stratum;
import assay.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RmBenchTest {
  private static final RmBench BENCHMARK = new RmBench(TieRule.LOSE);

  private static ScoredRow.Styles row(String domain, double[] chosen, double[] rejected) {
    return new ScoredRow.Styles(Fixtures.place(1), "1", domain, chosen, rejected);
  }

  private static double[] scores(double... scores) {
    return scores;
  }

  @Test
  void matrixAndAccuraciesAreThoseOfTheDefinition() {
    List<ScoredRow.Styles> rows =
        List.of(
            row("chat", scores(1, 2, 3), scores(0, 2, 4)),
            row("chat", scores(5, 1, 0), scores(1, 1, -1)));
    double[] matrix = BENCHMARK.strata(rows).getFirst().means();
    assertEquals(
        List.of(1., .5, .5, .5, 0., .5, .5, .5, .5), Arrays.stream(matrix).boxed().toList());
    RmBench.Result result = (RmBench.Result) BENCHMARK.result(rows);
    assertEquals(new RmBench.Accuracies(.5, .5, .5), result.domains().get("chat"));
  }

  /** A model that likes the fancier answer, whatever it says. */
  @Test
  void lovingMarkdownIsEasyToSee() {
    RmBench.Result result =
        (RmBench.Result) BENCHMARK.result(List.of(row("math", scores(0, 1, 2), scores(0, 1, 2))));
    assertEquals(new RmBench.Accuracies(0, 0, 1), result.domains().get("math"));
    RmBench.Result half =
        (RmBench.Result)
            new RmBench(TieRule.HALF)
                .result(List.of(row("math", scores(0, 1, 2), scores(0, 1, 2))));
    assertEquals(new RmBench.Accuracies(0, .5, 1), half.domains().get("math"));
  }

  @Test
  void safetyIsPooledByRows() {
    double[] high = scores(1, 1, 1);
    double[] low = scores(0, 0, 0);
    List<Stratum> strata =
        BENCHMARK.strata(
            List.of(
                row("safety-refuse", high, low),
                row("safety-response", low, high),
                row("safety-refuse", high, low)));
    assertEquals(List.of("safety"), strata.stream().map(Stratum::name).toList());
    assertEquals(2 / 3.0, strata.getFirst().means()[0], 1e-15);
  }

  @Test
  void overallNeedsAllFourDomains() {
    RmBench.Result result =
        (RmBench.Result) BENCHMARK.result(List.of(row("code", scores(1, 1, 1), scores(0, 0, 0))));
    assertNull(result.overall());
    assertEquals(List.of("chat", "math", "safety"), result.partial());
  }

  @Test
  void threeStylesAreNeeded() {
    String row = "{'id':'a','domain':'chat','score_chosen':[1,2],'score_rejected':[1,2,3]}";
    Exception e =
        assertThrows(InvalidInputException.class, () -> BENCHMARK.read(Fixtures.row(row)));
    assertEquals("scores.jsonl:17: score_chosen: expected 3 scores, found 2", e.getMessage());
  }
}
