package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.ModelConfig;
import assay.rm.armorm.Goldens;
import assay.rm.data.RowFiles;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** A whole ArmoRM in the published layout, against PyTorch. */
class ArmoRmNetworkTest {
  private static final Path MODEL = Goldens.FOLDER.resolve("armorm-model");
  private static final int OBJECTIVES = 19;

  @Test
  @Tag("device")
  void rewardsGateAndScoreAreThoseOfTheReference() {
    try (Goldens golden = new Goldens("armorm-model");
        Device device = TestDevice.open();
        RewardModel model =
            RewardModel.load(MODEL.toString(), device, DType.F32, Optional.empty())) {
      double[][] rewards = golden.rows("rewards");
      double[][] gate = golden.rows("gating_output");
      float[] scores = golden.floats("score");
      double[][] outputs = model.network().outputs(PackedRows.sequences(sequences(golden)));
      assertEquals(scores.length, outputs.length);
      for (int i = 0; i < scores.length; i++) {
        assertEquals(scores[i], outputs[i][0], 1e-5);
        for (int k = 0; k < OBJECTIVES; k++) {
          assertClose(rewards[i][k], outputs[i][1 + k]);
          assertClose(gate[i][k], outputs[i][1 + OBJECTIVES + k]);
        }
      }
    }
  }

  @Test
  void theGateReadsTheLastOccurrenceOfThePattern() {
    try (Goldens golden = new Goldens("armorm-model")) {
      GatePattern pattern = ArmoRmConfig.of(ModelConfig.read(MODEL)).gatePattern();
      int[] expected = golden.ints("gating_position");
      List<int[]> sequences = sequences(golden);
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], pattern.lastIndexIn(sequences.get(i)));
      }
    }
  }

  /** Three answers to one prompt: the prompt, with the gate's token, is one segment. */
  @Test
  void answersThatShareTheirPromptHaveTheScoresTheyHaveAlone() {
    try (Goldens golden = new Goldens("armorm-model");
        RewardModel model = RewardModel.load(MODEL)) {
      int[] first = sequences(golden).getFirst();
      int[] other = first.clone();
      other[other.length - 1]++;
      int[] longer = Arrays.copyOf(first, first.length + 3);
      List<int[]> answers = List.of(first, other, longer);
      double[][] alone = model.network().outputs(PackedRows.sequences(answers));
      double[][] together = model.network().outputs(PackedRows.groups(List.of(answers)));
      for (int i = 0; i < answers.size(); i++) {
        assertArrayEquals(alone[i], together[i]); // to the last bit
      }
    }
  }

  @Test
  void aScoreComesWithItsObjectivesAndGateByTheirPublishedNames() {
    try (Goldens golden = new Goldens("armorm-model");
        RewardModel model = RewardModel.load(MODEL)) {
      String ids = Arrays.toString(sequences(golden).getFirst());
      ScoreRow row = row("{\"input_ids\": " + ids + ", \"gating\": \"mine\"}");
      ObjectNode answer = row.answer(model.judge(List.of(row)).getFirst());
      assertEquals(golden.floats("score")[0], answer.path("reward").asDouble(), 1e-5);
      assertEquals(
          ArmoRmConfig.PUBLISHED_OBJECTIVES,
          List.copyOf(answer.path("objectives").propertyNames()));
      assertEquals(
          golden.rows("gating_output")[0][4],
          answer.path("gating").path("helpsteer-verbosity").asDouble(),
          1e-5);
      ScoreRow pair = row("{\"chosen_ids\": %s, \"rejected_ids\": %s}".formatted(ids, ids));
      ObjectNode both = pair.answer(model.judge(List.of(pair)).getFirst());
      assertEquals(both.get("chosen_objectives"), both.get("rejected_objectives"));
      assertEquals(answer.get("objectives"), both.get("chosen_objectives"));
    }
  }

  @Test
  void aTextWithoutTheGatesTokensIsAnsweredWithAnError() {
    try (RewardModel model = RewardModel.load(MODEL)) {
      ScoreRow row = row("{\"input_ids\": [1, 9, 6, 191, 7, 5]}");
      ObjectNode answer = row.answer(model.judge(List.of(row)).getFirst());
      assertTrue(answer.path("error").asString().contains("[9, 6, 191, 7, 271]"), "" + answer);
      assertTrue(answer.path("error").asString().contains("gating_token_pattern"), "" + answer);
      assertThrows(
          InvalidInputException.class,
          () -> model.scoreIds(List.of(new int[] {1, 9, 6, 191, 7, 5})));
    }
  }

  private static ScoreRow row(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    try (RowReader reader = RowFiles.open("rows", new ByteArrayInputStream(bytes))) {
      return ScoreRow.parse(reader.next().orElseThrow());
    }
  }

  @Test
  void aConfigWithoutTheGatesKeysIsRefused() {
    ModelConfig config = ModelConfig.read(Goldens.FOLDER.resolve("llama"));
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> ArmoRmConfig.of(config));
    assertTrue(error.getMessage().contains("num_objectives"), error.getMessage());
  }

  @Test
  void publishedCheckpointsHaveTheirFamilysPattern() {
    String keys =
        """
        "architectures": ["LlamaForRewardModelWithGating"], "num_objectives": 19,
        "gating_temperature": 10, "gating_hidden_dim": 1024, "gating_n_hidden": 3}
        """;
    ArmoRmConfig config =
        ArmoRmConfig.of(
            ModelConfig.parse(
                "{\"model_type\": \"llama\", \"vocab_size\": 128257, " + keys, "published"));
    assertEquals(List.of(128009, 128006, 78191, 128007, 271), config.gatePattern().tokens());
    assertEquals(ArmoRmConfig.PUBLISHED_OBJECTIVES.size(), config.numObjectives());
  }

  private static List<int[]> sequences(Goldens golden) {
    int[] ids = golden.ints("input_ids");
    int[] mask = golden.ints("attention_mask");
    int columns = golden.columns("input_ids");
    List<int[]> sequences = new ArrayList<>();
    for (int start = 0; start < ids.length; start += columns) {
      int length = Arrays.stream(mask, start, start + columns).sum();
      sequences.add(Arrays.copyOfRange(ids, start, start + length));
    }
    return sequences;
  }

  private static void assertClose(double expected, double actual) {
    assertEquals(expected, actual, 1e-5 * Math.max(1, Math.abs(expected)));
  }
}
