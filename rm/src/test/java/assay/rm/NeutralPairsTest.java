package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import assay.autograd.GradCheck;
import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.rm.data.PreferencePair;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Pairs of which neither answer is better: their losses against PyTorch, and in training. */
class NeutralPairsTest {
  private static final RewardTask.Computation COMPUTATION =
      new RewardTask.Computation(1000, true, false);

  private static JsonNode golden(String name) throws IOException {
    Path root = Path.of(System.getProperty("assay.test-resources"));
    return JsonMapper.shared()
        .readTree(Files.readString(root.resolve("golden/soft-labels/soft-labels.json")))
        .path(name);
  }

  private static double[] numbers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static int[] wholeNumbers(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  @Test
  void theBradleyTerryLossOfTargetsBetweenMatchesPyTorch() throws IOException {
    JsonNode golden = golden("bradley_terry");
    double[] margins = numbers(golden.path("margins"));
    BradleyTerryLoss loss =
        new BradleyTerryLoss(margins, numbers(golden.path("targets")), 0, margins.length);
    double[] rewards = numbers(golden.path("rewards"));
    List<GradCheck.Input> inputs =
        List.of(new GradCheck.Input(Shape.of(rewards.length, 1), rewards, true));
    try (Device device = Device.cpuReference(1)) {
      double[] actual = GradCheck.forward(device, DType.F64, loss, inputs);
      assertEquals(golden.path("loss").asDouble(), actual[0], 1e-12);
      double[] one = {1};
      assertArrayEquals(
          numbers(golden.path("gradient")),
          GradCheck.gradients(device, DType.F64, loss, inputs, one).getFirst(),
          1e-12);
    }
  }

  @Test
  void theCrossEntropyOfTwoAnswersMatchesPyTorch() throws IOException {
    JsonNode golden = golden("cross_entropy");
    int[] better = wholeNumbers(golden.path("better"));
    double[] logits = numbers(golden.path("logits"));
    try (Device device = Device.cpuReference(1);
        TensorArena arena = TensorArena.open(device, "activations")) {
      Tape tape = Tape.recording(arena);
      Shape shape = Shape.of(better.length, logits.length / better.length);
      Variable x = tape.input(arena.of(DType.F64, shape, logits));
      Variable loss =
          PairwisePreferenceTask.softCrossEntropy(
              x, better, wholeNumbers(golden.path("worse")), numbers(golden.path("weights")));
      assertEquals(golden.path("loss").asDouble(), loss.value().toDoubles()[0], 1e-12);
      tape.backward(loss, arena.of(DType.F64, Shape.of(1), 1));
      Tensor gradient = tape.takeGradient(x);
      assertArrayEquals(numbers(golden.path("gradient")), gradient.toDoubles(), 1e-12);
    }
  }

  private static PreferencePair pair(int[] chosen, int[] rejected, double target) {
    return new PreferencePair(chosen, rejected, 0, target, "", "", "test", 1, 0, 1, 1);
  }

  @Test
  void itsRewardsAreDrawnTogetherAsMuchAsEitherLabelWouldDrawThemApart() {
    try (Device device = Device.cpu(1);
        GoldenModel golden = new GoldenModel("llama", device)) {
      int[] first = golden.sequences().get(0);
      int[] second = golden.sequences().get(1);
      double neutral = loss(rewardTask(golden, pair(first, second, 0.5)), device);
      double better = loss(rewardTask(golden, pair(first, second, 1)), device);
      double worse = loss(rewardTask(golden, pair(second, first, 1)), device);
      assertNotEquals(better, neutral, 1e-4);
      assertEquals((better + worse) / 2, neutral, 1e-6);
    }
  }

  private static PreferenceTask rewardTask(GoldenModel golden, PreferencePair pair) {
    return new BradleyTerryTask(golden.network(), List.of(pair), 0, COMPUTATION);
  }

  @Test
  void itsQuestionShouldBeAnsweredByEitherLetter() {
    try (Device device = Device.cpu(1);
        GoldenModel golden = new GoldenModel("llama3-causal", device)) {
      int[] first = golden.sequences().get(0);
      int[] second = golden.sequences().get(1);
      long seed = 0;
      while (!answerTask(golden, pair(first, second, 1), seed).isChosenFirst(0)) {
        seed++;
      }
      long other = seed;
      while (answerTask(golden, pair(first, second, 1), other).isChosenFirst(0)) {
        other++;
      }
      double neutral = loss(answerTask(golden, pair(first, second, 0.5), seed), device);
      double better = loss(answerTask(golden, pair(first, second, 1), seed), device);
      double worse = loss(answerTask(golden, pair(second, first, 1), other), device);
      assertNotEquals(better, neutral, 1e-4);
      assertEquals((better + worse) / 2, neutral, 1e-5);
    }
  }

  private static PairwisePreferenceTask answerTask(
      GoldenModel golden, PreferencePair pair, long seed) {
    return new PairwisePreferenceTask(
        (PreferenceNetwork) golden.network(),
        List.of(pair),
        new AnswerTokens(65, 66),
        new int[0],
        seed,
        COMPUTATION);
  }

  private static double loss(PreferenceTask task, Device device) {
    try (TensorArena arena = TensorArena.open(device, "activations")) {
      int[] batch = {0};
      return task.microBatches(batch).getFirst().loss(Tape.inference(arena)).value().toFloats()[0];
    }
  }

  @Test
  void itCountsAmongThePairsAndNotInTheAccuracy() {
    int[] ids = {1, 2};
    PreferenceStatistics statistics = new PreferenceStatistics();
    statistics.add(pair(ids, ids, 1), 2, 1);
    statistics.add(pair(ids, ids, 0.5), -3, 5);
    assertEquals(2, statistics.pairs());
    assertEquals(1, statistics.accuracy());
    assertEquals(1, statistics.margin());
    assertEquals(Math.log1p(Math.exp(-1)), statistics.loss(), 1e-12);
    assertEquals(-3, statistics.minReward());
    assertEquals(1.25, statistics.meanReward());
  }
}
