package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.Contract;
import assay.rm.RewardModel;
import assay.rm.recipe.Recipe;
import assay.rm.recipe.StepOptions;
import assay.rm.text.StepEncoder;
import assay.rm.text.TextEncoder;
import assay.rm.tree.DecisionTree;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of models that have no rewards, or that are read where a text ends. */
class ModelKindsTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));
  private static final RewardBench BENCHMARK = new RewardBench(TieRule.LOSE);

  @TempDir private Path temporary;

  /** A copy of a model's folder that is read as a contract says. */
  private RewardModel load(String model, String method, Contract.Reading reading)
      throws IOException {
    Path folder = Files.createDirectories(temporary.resolve(method));
    try (Stream<Path> files = Files.list(RESOURCES.resolve(model))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    new Contract(
            method,
            reading,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            512,
            "drop",
            0,
            1,
            DType.F32,
            List.of())
        .write(folder);
    return RewardModel.load(folder);
  }

  private RewardModel stepModel() throws IOException {
    Path folder = RESOURCES.resolve("models/stories260K");
    try (TextEncoder encoder = TextEncoder.load(folder, Optional.empty()).orElseThrow()) {
      Contract.Verdict reading =
          new Contract.Verdict(new StepEncoder(encoder).verdicts(), false, StepOptions.Over.MEAN);
      return load("models/stories260K", "process-reward", reading);
    }
  }

  /** One head, and a tree that says 0.75 for the answer of which it says more. */
  private RewardModel treeModel() throws IOException {
    DecisionTree tree =
        new DecisionTree(
            List.of("quality"),
            new DecisionTree.Split(0, 0, new DecisionTree.Leaf(4, 1), new DecisionTree.Leaf(4, 3)));
    Contract.Heads heads = new Contract.Heads(List.of("quality"), List.of(1.0));
    return load(
        "golden/trl-stories260k/model", "decision-tree", new Contract.Compared(heads, tree));
  }

  private static String refusal(RewardModel model, Benchmark<?> benchmark, Recipe.TooLong rule) {
    return assertThrows(
            InvalidInputException.class, () -> ModelScorer.checkMethod(model, benchmark, rule))
        .getMessage();
  }

  /** The verdict's place would be gone, and some other token be read for it. */
  @Test
  void aTextOfStepsMayNotLoseItsEnd() throws IOException {
    try (RewardModel model = stepModel()) {
      String message = refusal(model, BENCHMARK, Recipe.TooLong.TRUNCATE_RIGHT);
      assertTrue(message.contains("process-reward"), message);
      assertTrue(message.contains("truncate-left"), message);
      ModelScorer.checkMethod(model, BENCHMARK, Recipe.TooLong.TRUNCATE_LEFT);
      ModelScorer.checkMethod(model, new RmBench(TieRule.LOSE), Recipe.TooLong.DROP);
      assertTrue(model.method().hasRewards());
    }
  }

  @Test
  void aTreeComparesAndHasNoRewardsForRmBench() throws IOException {
    try (RewardModel model = treeModel()) {
      ModelScorer.checkMethod(model, BENCHMARK, Recipe.TooLong.TRUNCATE_RIGHT);
      String message = refusal(model, new RmBench(TieRule.LOSE), Recipe.TooLong.DROP);
      assertTrue(message.contains("a model that compares has none"), message);
      EvaluatedModel described =
          EvaluatedModel.of(
              temporary.resolve("decision-tree").toString(), model, "fp32", Recipe.TooLong.DROP);
      assertFalse(described.hasRewards());
      assertEquals("Custom Classifier", described.type());
    }
  }

  private static Scores<ScoredRow.Pair> score(
      RewardModel model, EvaluationData<ScoredRow.Pair> data) {
    return Scoring.run(
        new ModelScorer(model, Recipe.TooLong.DROP), data, Optional.empty(), (_, _, _) -> {});
  }

  @Test
  void aTreesScoreOfAPairIsItsLogOdds() throws IOException {
    EvaluationData<ScoredRow.Pair> data =
        EvaluationData.check(
            BENCHMARK, List.of(RESOURCES.resolve("rewardbench/pairs.jsonl").toString()));
    try (RewardModel model = treeModel();
        RewardModel heads = RewardModel.load(RESOURCES.resolve("golden/trl-stories260k/model"))) {
      Scores<ScoredRow.Pair> compared = score(model, data);
      Scores<ScoredRow.Pair> rewards = score(heads, data);
      for (int i = 0; i < compared.rows().size(); i++) {
        double lead = rewards.rows().get(i).chosen() - rewards.rows().get(i).rejected();
        double expected = Math.copySign(Math.log(3), lead);
        assertEquals(expected, compared.rows().get(i).chosen(), 1e-12);
        assertEquals(0, compared.rows().get(i).rejected());
      }
    }
  }
}
