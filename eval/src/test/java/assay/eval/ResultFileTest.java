package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.eval.statistics.Bootstrap;
import assay.eval.statistics.Interval;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ResultFileTest {
  private static final Bootstrap BOOTSTRAP = new Bootstrap(300, 42);
  private static final JsonNode GOLDEN = Fixtures.json("golden/benchmarks.json");

  @TempDir Path folder;

  private <R extends ScoredRow> JsonNode print(Benchmark<R> benchmark, List<R> rows) {
    EvaluationStatistics statistics = EvaluationStatistics.of(benchmark, rows, BOOTSTRAP);
    ResultFile file =
        new ResultFile(
            benchmark.result(rows), statistics, null, Map.of("scores.jsonl", "abc"), Map.of());
    return Fixtures.JSON.readTree(file.print());
  }

  private static List<String> keys(JsonNode json) {
    return List.copyOf(json.propertyNames());
  }

  @Test
  void rewardBenchHasItsKeys() {
    RewardBench benchmark = new RewardBench(TieRule.LOSE);
    JsonNode rows = GOLDEN.get("rewardbench").get("rows");
    JsonNode json = print(benchmark, Fixtures.throughFile(benchmark, rows, folder));
    assertEquals(
        List.of(
            "benchmark",
            "subsets",
            "sections",
            "prior_sets",
            "overall",
            "overall_with_prior",
            "partial",
            "statistics",
            "model",
            "data"),
        keys(json));
    JsonNode statistics = json.get("statistics");
    assertEquals(rows.size(), statistics.get("rows").intValue());
    assertTrue(statistics.get("calibration").get("temperature").isNumber());
    assertEquals(28, statistics.get("wilson").size());
    double[] interval =
        Fixtures.doubles(statistics.get("bootstrap").get("intervals").get("overall"));
    double overall = json.get("overall").doubleValue();
    assertTrue(interval[0] < overall && overall < interval[1]);
  }

  @Test
  void otherBenchmarksHaveTheirs() {
    RewardBench2 second = new RewardBench2();
    JsonNode rows = GOLDEN.get("rewardbench2").get("rows");
    JsonNode json = print(second, Fixtures.throughFile(second, rows, folder));
    assertEquals(List.of("ref_accuracy", "tied_accuracy", "P", "PH", "M"), keys(json.get("ties")));
    assertTrue(json.get("statistics").get("calibration").isNull());
    RmBench rmBench = new RmBench(TieRule.LOSE);
    rows = GOLDEN.get("rm_bench").get("rows");
    json = print(rmBench, Fixtures.throughFile(rmBench, rows, folder));
    assertEquals(List.of("chat", "code", "math", "safety"), keys(json.get("domains")));
    assertEquals(List.of("hard", "normal", "easy", "score"), keys(json.get("overall")));
    PairBenchmark pairs = new PairBenchmark(TieRule.LOSE, Optional.of("subset"));
    rows = GOLDEN.get("rewardbench").get("rows");
    json = print(pairs, Fixtures.throughFile(pairs, rows, folder));
    assertEquals(28, json.get("groups").size());
    assertEquals(List.of("pairs", "accuracy", "mean_margin"), keys(json.get("overall")));
  }

  @Test
  void whatIsMissingIsPrintedAsNull() {
    JsonNode json =
        print(new RewardBench(TieRule.LOSE), List.of(Fixtures.pair("1", "hep-go", 1, 0)));
    assertTrue(json.get("overall").isNull());
    assertTrue(json.get("sections").get("Chat").isNull());
    assertTrue(json.get("statistics").get("calibration").get("temperature").isNull());
  }

  @Test
  void aSeedGivesTheSameIntervalsAndAnotherSeedOthers() {
    RewardBench2 benchmark = new RewardBench2();
    JsonNode golden = GOLDEN.get("rewardbench2").get("rows");
    List<ScoredRow.BestOf> rows = Fixtures.throughFile(benchmark, golden, folder);
    Map<String, Interval> once = EvaluationStatistics.of(benchmark, rows, BOOTSTRAP).intervals();
    assertEquals(once, EvaluationStatistics.of(benchmark, rows, BOOTSTRAP).intervals());
    Map<String, Interval> other =
        EvaluationStatistics.of(benchmark, rows, new Bootstrap(300, 43)).intervals();
    assertNotEquals(once, other);
    assertEquals(once.keySet(), benchmark.result(rows).scores().keySet());
  }
}
