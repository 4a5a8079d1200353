package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.GradCheck;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.Judgement;
import assay.rm.data.LabelledText;
import assay.rm.data.RowPlace;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regression on ratings: the loss and its gradients against PyTorch, and from recipe to use. */
class RegressionTest {
  private static final Contract.Heads HEADS =
      new Contract.Heads(List.of("a", "b", "c"), List.of(0.5, 0.25, 0.25));

  @TempDir private Path temporary;

  /** The mean is over the ratings of the whole batch, into however many parts it is cut. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 50, 1})
  void lossAndEveryGradientMatchPyTorchWhateverTheSizeOfAPart(int rows) {
    try (Device device = Device.cpu(2);
        GoldenModel trunk = new GoldenModel("llama", device);
        GoldenHeads golden = new GoldenHeads("regression")) {
      List<LabelledText> texts = texts(trunk.sequences(), golden.expected("ratings"));
      RewardTask.Computation computation = new RewardTask.Computation(rows, true, rows == 50);
      try (RegressionTask task =
          new RegressionTask(
              golden.network(device, HEADS.weightArray()), HEADS, texts, computation)) {
        GoldenHeads.assertStepMatches(task, golden::expected, 0, 1, 2, 3, 4, 5, 6, 7);
      }
    }
  }

  private static List<LabelledText> texts(List<int[]> sequences, float[] ratings) {
    List<LabelledText> texts = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i++) {
      int[] ids = sequences.get(i);
      float[] its = Arrays.copyOfRange(ratings, 3 * i, 3 * i + 3);
      RowPlace place = new RowPlace("golden", RowPlace.Unit.ROW, i + 1);
      texts.add(new LabelledText(ids, new int[] {ids.length - 1}, its, i, place));
    }
    return texts;
  }

  @Test
  void theGradientOfTheErrorMatchesFiniteDifferences() {
    float[] labels = {1, Float.NaN, -2, 0.5f};
    double[] predictions = {0.3, -1.2, 0.5, 2};
    try (Device device = Device.cpuReference(1)) {
      List<GradCheck.Input> inputs =
          List.of(new GradCheck.Input(Shape.of(2, 2), predictions, true));
      double error =
          GradCheck.worstError(
              device, new MaskedSquaredError(labels, 5), inputs, new double[] {1.5});
      assertTrue(error < 1e-6, "off by " + error);
    }
  }

  /** Long answers are rated high, on one attribute or both. */
  private Recipe recipe(String output, String... overrides) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 32; i++) {
      String answer = "Yes. ".repeat(1 + i % 8).strip();
      String second = i % 3 == 0 ? "null" : Double.toString(1 - i % 8 / 8.0);
      lines.append(
          "{\"prompt\": \"Question %d\", \"response\": \"%s\", \"long\": %s, \"short\": %s}%n"
              .formatted(i, answer, i % 8 / 8.0, second));
    }
    Path file = Files.writeString(temporary.resolve("rated.jsonl"), lines);
    List<String> all =
        new ArrayList<>(
            List.of(
                "method=regression",
                "regression.attributes=[long, short]",
                "data.eval_fraction=0.25",
                "data.train=[" + file + "]"));
    all.addAll(List.of(overrides));
    return new TinyRun(temporary).recipe("models/stories260K", output, all.toArray(String[]::new));
  }

  @Test
  void aTrainedModelPredictsEachAttributeAndSumsThemUp() throws IOException {
    Recipe recipe = recipe("run", "regression.weights=[1, -0.5]", "training.max_steps=20");
    Path folder = TinyRun.train(recipe, 2, () -> false).model().orElseThrow();
    ModelConfig config = ModelConfig.read(folder);
    assertEquals(2, config.numLabels());
    assertEquals("regression", config.problemType().orElseThrow());
    try (RewardModel model = RewardModel.load(folder)) {
      Judgement.Rewards brief = judge(model, "Yes.");
      Judgement.Rewards wordy = judge(model, "Yes. Yes. Yes. Yes. Yes. Yes. Yes. Yes.");
      var objectives = wordy.explanations().getFirst().objectives();
      assertEquals(objectives.get("long") - 0.5 * objectives.get("short"), wordy.values()[0], 1e-6);
      assertTrue(wordy.values()[0] > brief.values()[0]);
    }
    List<List<Double>> rows = TinyRun.numbers(temporary.resolve("run"));
    assertTrue(rows.get(19).get(1) < rows.get(0).get(1), "the loss falls");
  }

  private static Judgement.Rewards judge(RewardModel model, String answer) {
    ScoreRow row =
        ScoreRow.conversation(
            List.of(new Message("user", "Question 3"), new Message("assistant", answer)));
    return (Judgement.Rewards) model.judge(List.of(row)).getFirst();
  }

  @Test
  void twoRanksTrainTheSameModel() throws IOException {
    TinyRun.train(recipe("one"), 2, () -> false);
    TinyRun.trainOnRanks(recipe("two", "distributed.zero_stage=2"), 2);
    TinyRun.assertSame(temporary.resolve("one"), temporary.resolve("two"));
  }

  @Test
  void anAttributeThatNobodyRatedIsNamed() {
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () ->
                TinyRun.train(
                    recipe("none", "regression.attributes=[long, wide]"), 1, () -> false));
    assertTrue(error.getMessage().contains("regression.attributes"), error.getMessage());
    assertTrue(error.getMessage().contains("'wide'"), error.getMessage());
  }
}
