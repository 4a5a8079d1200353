package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.eval.statistics.Bootstrap;
import assay.eval.statistics.PairedDifference;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ModelComparisonTest {
  private static final RewardBench BENCHMARK = new RewardBench(TieRule.HALF);
  private static final Bootstrap BOOTSTRAP = new Bootstrap(200, 7);

  /** Rows of each section; the scores are small whole numbers, so that ties occur. */
  private static List<ScoredRow.Pair> rows(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ScoredRow.Pair> rows = new ArrayList<>();
    for (String subset : List.of("alpacaeval-easy", "math-prm", "hep-go", "donotanswer", "shp")) {
      for (int i = 0; i < 8; i++) {
        rows.add(Fixtures.pair("" + i, subset, random.nextInt(4), random.nextInt(3)));
      }
    }
    return rows;
  }

  @Property(tries = 50)
  void swappingTheModelsNegatesEveryDifference(@ForAll long one, @ForAll long other) {
    ModelComparison forth = ModelComparison.of(BENCHMARK, rows(one), rows(other), BOOTSTRAP);
    ModelComparison back = ModelComparison.of(BENCHMARK, rows(other), rows(one), BOOTSTRAP);
    assertEquals(forth.signTest().pValue(), back.signTest().pValue());
    assertEquals(forth.signTest().better(), back.signTest().worse());
    assertTrue(forth.differences().containsKey("sections/Reasoning"));
    forth
        .differences()
        .forEach(
            (name, difference) -> {
              PairedDifference swapped = back.differences().get(name);
              assertEquals(0, difference.difference() + swapped.difference());
              assertEquals(difference.standardError(), swapped.standardError(), 1e-12);
              assertEquals(difference.interval().low(), -swapped.interval().high(), 1e-12);
            });
  }

  @Test
  void aModelDoesNotDifferFromItself() {
    ModelComparison comparison = ModelComparison.of(BENCHMARK, rows(1), rows(1), BOOTSTRAP);
    assertEquals(1, comparison.signTest().pValue());
    comparison.differences().values().forEach(d -> assertEquals(0, d.interval().high()));
  }

  @Test
  void rowsAreMatchedByNameNotByOrder() {
    List<ScoredRow.Pair> reversed = rows(2).reversed();
    assertEquals(
        ModelComparison.of(BENCHMARK, rows(1), rows(2), BOOTSTRAP),
        ModelComparison.of(BENCHMARK, rows(1), reversed, BOOTSTRAP));
  }

  @Test
  void rowsOfOneModelOnlyAreAnError() {
    List<ScoredRow.Pair> fewer = rows(2).subList(1, 40);
    Exception e =
        assertThrows(
            InvalidInputException.class,
            () -> ModelComparison.of(BENCHMARK, rows(1), fewer, BOOTSTRAP));
    assertEquals(
        "scores.jsonl:1: id '0' of alpacaeval-easy is not among the second model's rows; both must"
            + " have scored the same rows",
        e.getMessage());
    assertThrows(
        InvalidInputException.class,
        () -> ModelComparison.of(BENCHMARK, fewer, rows(1), BOOTSTRAP));
  }

  /** All benchmarks' rows can be compared; RewardBench 2 with its Ties. */
  @Test
  void scoresThatAreNoPlainMeansAreComparedToo() {
    List<ScoredRow.BestOf> first = new ArrayList<>();
    List<ScoredRow.BestOf> second = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      double gap = i % 5 - 1;
      first.add(ties("ref:" + i, 1, gap, 0));
      first.add(ties("tied:" + i, 2, gap + 1, gap, 0));
      second.add(ties("ref:" + i, 1, -1, 0));
      second.add(ties("tied:" + i, 2, -1, -1, 0));
    }
    ModelComparison comparison = ModelComparison.of(new RewardBench2(), first, second, BOOTSTRAP);
    assertEquals(24, comparison.signTest().better());
    assertEquals(0, comparison.signTest().worse());
    PairedDifference accuracy = comparison.differences().get("ties/ref_accuracy");
    assertEquals(0.6, accuracy.difference());
    assertTrue(accuracy.interval().low() > 0.3 && accuracy.interval().high() < 0.9);
    assertTrue(comparison.differences().containsKey("subsets/Ties"));
  }

  private static ScoredRow.BestOf ties(String id, int numCorrect, double... scores) {
    return new ScoredRow.BestOf(Fixtures.place(1), id, "Ties", numCorrect, scores);
  }
}
