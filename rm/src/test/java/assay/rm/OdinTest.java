package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.GradCheck;
import assay.nn.checkpoint.ModelConfig;
import assay.rm.data.Judgement;
import assay.rm.data.PreferencePair;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.OdinOptions;
import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.Shape;
import assay.tensor.comm.Ranks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ODIN's two heads: the loss and its gradients against PyTorch, and a model from recipe to use. */
class OdinTest {
  private static final String MODEL = "models/stories260K";

  @TempDir private Path temporary;

  /** A correlation is of the whole batch, into however many parts it is cut. */
  @ParameterizedTest
  @CsvSource({"1000, true", "1000, false", "40, true", "1, false"})
  void lossAndEveryGradientMatchPyTorchWhateverTheSizeOfAPart(int rows, boolean share) {
    try (Device device = Device.cpu(2);
        GoldenModel trunk = new GoldenModel("llama", device);
        GoldenHeads golden = new GoldenHeads("odin")) {
      List<PreferencePair> pairs = pairs(trunk.sequences(), golden.expected("lengths"));
      RewardTask.Computation computation = new RewardTask.Computation(rows, share, rows == 40);
      LinearHeadsNetwork network = golden.network(device, 0, 1);
      OdinOptions options = new OdinOptions(0.7, 0.3);
      try (OdinTask task = new OdinTask(network, pairs, options, 0, computation, Ranks.alone())) {
        GoldenHeads.assertStepMatches(task, golden::expected, 0, 1, 2, 3);
      }
    }
  }

  private static List<PreferencePair> pairs(List<int[]> sequences, float[] lengths) {
    List<PreferencePair> pairs = new ArrayList<>();
    for (int i = 0; i < sequences.size(); i += 2) {
      pairs.add(
          new PreferencePair(
              sequences.get(i),
              sequences.get(i + 1),
              0,
              1,
              "",
              "",
              "golden",
              1,
              i,
              (int) lengths[i],
              (int) lengths[i + 1]));
    }
    return pairs;
  }

  @Test
  void theGradientOfTheCosineMatchesFiniteDifferences() {
    double[] rows = {0.3, -1.2, 0.5, 2, 0.7, -0.1};
    try (Device device = Device.cpuReference(1)) {
      List<GradCheck.Input> inputs = List.of(new GradCheck.Input(Shape.of(2, 3), rows, true));
      double error = GradCheck.worstError(device, new RowCosine(0.8), inputs, new double[] {1.5});
      assertTrue(error < 1e-6, "off by " + error);
    }
  }

  @Test
  void rewardsThatAreAllTheSameHaveNoCorrelation() {
    LengthCorrelation same = LengthCorrelation.of(new double[] {2, 2, 2}, new double[] {1, 5, 9});
    assertEquals(0, same.rho());
    assertEquals(0, same.slope(2, 5));
  }

  private Recipe recipe(String output, String... overrides) {
    List<String> all = new ArrayList<>(List.of("method=odin", "odin.orthogonality_weight=0.1"));
    all.addAll(List.of(overrides));
    return new TinyRun(temporary).recipe(MODEL, output, all.toArray(String[]::new));
  }

  @Test
  void aTrainedModelIsScoredByItsQualityHeadAlone() {
    Path folder = TinyRun.train(recipe("run"), 2, () -> false).model().orElseThrow();
    ModelConfig config = ModelConfig.read(folder);
    assertEquals(List.of("LlamaForSequenceClassification"), config.architectures());
    assertEquals(2, config.numLabels());
    assertEquals("odin", Contract.read(folder).orElseThrow().method());
    List<Message> turns = List.of(new Message("user", "Hi"), new Message("assistant", "Hello!"));
    try (RewardModel model = RewardModel.load(folder)) {
      Judgement judgement = model.judge(List.of(ScoreRow.conversation(turns))).getFirst();
      Judgement.Rewards rewards = (Judgement.Rewards) judgement;
      Judgement.Explanation heads = rewards.explanations().getFirst();
      assertEquals(List.of("length", "quality"), List.copyOf(heads.objectives().keySet()));
      assertEquals(heads.objectives().get("quality"), rewards.values()[0]);
      assertEquals(model.score(turns), rewards.values()[0]);
    }
  }

  @Test
  void twoRanksTrainTheSameModel() throws IOException {
    TinyRun.train(recipe("one"), 2, () -> false);
    TinyRun.trainOnRanks(recipe("two"), 2);
    TinyRun.trainOnRanks(recipe("sharded", "distributed.zero_stage=3"), 2);
    TinyRun.assertSame(temporary.resolve("one"), temporary.resolve("two"));
    TinyRun.assertSame(temporary.resolve("one"), temporary.resolve("sharded"));
  }

  @Test
  void lengthsAreThoseOfTheAnswersNotOfWhatTheyAnswer() throws IOException {
    Path file = temporary.resolve("texts.jsonl");
    Files.writeString(
        file,
        "{\"prompt\": \"A question that is long\", \"chosen\": \"Yes, yes, yes\","
            + " \"rejected\": \"Yes\"}\n");
    try (TrainingSetup setup = TrainingSetup.of(recipe("lengths", "data.train=[" + file + "]"))) {
      PreferencePair pair = setup.pairs().train().getFirst();
      assertEquals(tokens(setup, "Yes, yes, yes"), pair.chosenLength());
      assertEquals(tokens(setup, "Yes"), pair.rejectedLength());
    }
  }

  private static int tokens(TrainingSetup setup, String text) {
    return setup.encoder().orElseThrow().tokenizer().encode(text, false).length;
  }

  /** Two labels may be anything; the message says how to say that they are these. */
  @Test
  void anOdinFromElsewhereIsReadOnceItsFolderSaysThatItIsOne() throws IOException {
    Path folder = TinyRun.train(recipe("elsewhere"), 2, () -> false).model().orElseThrow();
    List<Message> turns = List.of(new Message("user", "Hi"), new Message("assistant", "Hello!"));
    Path contract = folder.resolve(Contract.FILE);
    double reward;
    try (RewardModel model = RewardModel.load(folder)) {
      reward = model.score(turns);
    }
    Files.delete(contract);
    String message =
        assertThrows(InvalidInputException.class, () -> RewardModel.load(folder)).getMessage();
    assertTrue(message.contains("id2label: the model has 2 labels"), message);
    Files.writeString(contract, message.substring(message.indexOf("{\"format\"")));
    try (RewardModel model = RewardModel.load(folder)) {
      assertEquals(reward, model.score(turns));
    }
  }

  @Test
  void aClassifierOfOneHeadIsRefused() {
    TinyRun run = new TinyRun(temporary);
    Recipe recipe = run.recipe("golden/llama", "refused", "method=odin");
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> TinyRun.train(recipe, 1, () -> false));
    assertTrue(error.getMessage().contains("labels"), error.getMessage());
  }
}
