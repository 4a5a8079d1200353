package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.JsonPrinter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Random scores with ties, and what the benchmarks' own scripts make of them. */
class GoldenBenchmarksTest {
  private static final double TOLERANCE = 1e-12;

  private static final JsonNode GOLDEN = Fixtures.json("golden/benchmarks.json");

  @TempDir Path folder;

  private <R extends ScoredRow> BenchmarkResult result(Benchmark<R> benchmark, JsonNode golden) {
    return benchmark.result(Fixtures.throughFile(benchmark, golden.get("rows"), folder));
  }

  /** Every number of the golden object stands at the same path in the result as it is printed. */
  private static void assertScores(JsonNode expected, BenchmarkResult result) {
    JsonNode printed = Fixtures.JSON.readTree(JsonPrinter.print(result.toJson()));
    assertTrue(assertScores("", expected, printed) > 4);
    assertEquals(List.of(), result.partial());
  }

  private static int assertScores(String path, JsonNode expected, JsonNode actual) {
    if (expected.isNumber()) {
      assertEquals(expected.doubleValue(), actual.doubleValue(), TOLERANCE, path);
      return 1;
    }
    int compared = 0;
    for (Map.Entry<String, JsonNode> entry : expected.properties()) {
      String key = entry.getKey();
      if (!key.equals("rows")) {
        compared += assertScores(path + "/" + key, entry.getValue(), actual.get(key));
      }
    }
    return compared;
  }

  @Test
  void rewardBenchWithLostTies() {
    JsonNode golden = GOLDEN.get("rewardbench");
    assertScores(golden.get("strict"), result(new RewardBench(TieRule.LOSE), golden));
  }

  @Test
  void rewardBenchWithHalfTies() {
    JsonNode golden = GOLDEN.get("rewardbench");
    assertScores(golden.get("ties_half"), result(new RewardBench(TieRule.HALF), golden));
  }

  @Test
  void rewardBench2() {
    JsonNode golden = GOLDEN.get("rewardbench2");
    assertScores(golden, result(new RewardBench2(), golden));
  }

  @Test
  void rmBench() {
    JsonNode golden = GOLDEN.get("rm_bench");
    assertScores(golden, result(new RmBench(TieRule.LOSE), golden));
  }
}
