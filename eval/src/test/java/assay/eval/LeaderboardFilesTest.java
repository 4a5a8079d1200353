package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.nn.checkpoint.JsonPrinter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeaderboardFilesTest {
  private static final LeaderboardFiles.Model MODEL =
      new LeaderboardFiles.Model("org/rm", "Seq. Classifier", "tokenizer");

  private static final List<ScoredRow.Pair> PAIRS =
      List.of(
          Fixtures.pair("5", "hep-go", 1, 0),
          Fixtures.pair("6", "shp", 0, 1),
          Fixtures.pair("7", "mtbench_human", 2, 1));

  private static void assertJson(String expected, Map<String, Object> json) {
    assertEquals(
        Fixtures.JSON.readTree(expected.replace('\'', '"')),
        Fixtures.JSON.readTree(JsonPrinter.print(json)));
  }

  @Test
  void subsetsOfTheBenchmarkAndOlderSetsGoToTheirOwnFiles() {
    RewardBench.Result result = (RewardBench.Result) new RewardBench(TieRule.LOSE).result(PAIRS);
    assertJson(
        "{'model':'org/rm','model_type':'Seq. Classifier','chat_template':'tokenizer',"
            + "'hep-go':1.0}",
        LeaderboardFiles.evalSet(MODEL, result));
    assertJson(
        "{'model':'org/rm','model_type':'Seq. Classifier','chat_template':'tokenizer',"
            + "'shp':0.0,'mtbench_human':1.0}",
        LeaderboardFiles.prefSets(MODEL, result));
  }

  @Test
  void scoresAreColumns() {
    assertJson(
        "{'model':'org/rm','model_type':'Seq. Classifier','chat_template':'tokenizer',"
            + "'id':['5','6','7'],'subset':['hep-go','shp','mtbench_human'],"
            + "'scores_chosen':[1.0,0.0,2.0],'scores_rejected':[0.0,1.0,1.0],"
            + "'results':[1.0,0.0,1.0]}",
        LeaderboardFiles.evalSetScores(MODEL, new RewardBench(TieRule.LOSE), PAIRS));
  }

  @Test
  void rewardBench2HasListsOfScores() {
    RewardBench2 benchmark = new RewardBench2();
    List<ScoredRow.BestOf> rows =
        List.of(new ScoredRow.BestOf(Fixtures.place(1), "1", "Math", 1, new double[] {3, 3, 1, 0}));
    RewardBench2.Result result = (RewardBench2.Result) benchmark.result(rows);
    assertJson(
        "{'model':'org/rm','model_type':'Seq. Classifier','chat_template':'tokenizer',"
            + "'Math':0.5}",
        LeaderboardFiles.evalSet(MODEL, result));
    assertJson(
        "{'model':'org/rm','model_type':'Seq. Classifier','chat_template':'tokenizer',"
            + "'id':['1'],'subset':['Math'],'num_correct':[1],'scores':[[3.0,3.0,1.0,0.0]],"
            + "'results':[0.5]}",
        LeaderboardFiles.evalSetScores(MODEL, benchmark, rows));
  }

  @Test
  void summaryHasTheKeysOfTheCommand() {
    assertJson(
        "{'accuracy':0.75,'num_prompts':4,'model':'org/rm','ref_model':null,'tokenizer':'org/rm',"
            + "'chat_template':'tokenizer','extra_results':null}",
        LeaderboardFiles.summary(MODEL, "org/rm", new PairBenchmark.Scores(4, .75, 1), null));
  }
}
