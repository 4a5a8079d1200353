package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole ArmoRM in the published layout, against PyTorch. */
class ArmoRmNetworkTest {
  private static final Path MODEL = Goldens.FOLDER.resolve("armorm-model");

  @TempDir private Path temporary;

  @Test
  void rewardsGateAndScoreAreThoseOfTheReference() {
    try (Device device = Device.cpu(2);
        Goldens golden = new Goldens("armorm-model");
        ArmoRmNetwork network = ArmoRmCheckpoint.load(MODEL, device, DType.F32)) {
      ArmoRmNetwork.Output output = network.score(separately(sequences(golden)));
      assertClose(golden.rows("rewards"), output.rewards());
      assertClose(golden.rows("gating_output"), output.gate());
      assertArrayEquals(golden.floats("score"), output.scores(), 1e-5f);
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

  /** Two answers to one prompt: the prompt, with the gate's token, is one segment. */
  @Test
  void answersThatShareTheirPromptHaveTheScoresTheyHaveAlone() {
    try (Device device = Device.cpu(2);
        Goldens golden = new Goldens("armorm-model");
        ArmoRmNetwork network = ArmoRmCheckpoint.load(MODEL, device, DType.F32)) {
      int[] first = sequences(golden).getFirst();
      int[] other = first.clone();
      other[other.length - 1]++;
      int[] longer = Arrays.copyOf(first, first.length + 3);
      List<int[]> answers = List.of(first, other, longer);
      float[] alone = network.score(separately(answers)).scores();
      float[] together = network.score(List.of(answers)).scores();
      assertArrayEquals(alone, together); // to the last bit
    }
  }

  @Test
  void aTextWithoutTheGatesTokensIsRefused() {
    try (Device device = Device.cpu(1);
        ArmoRmNetwork network = ArmoRmCheckpoint.load(MODEL, device, DType.F32)) {
      InvalidInputException error =
          assertThrows(
              InvalidInputException.class,
              () -> network.score(List.of(List.of(new int[] {1, 9, 6, 191, 7, 5}))));
      assertTrue(error.getMessage().contains("[9, 6, 191, 7, 271]"), error.getMessage());
      assertTrue(error.getMessage().contains("gating_token_pattern"), error.getMessage());
    }
  }

  @Test
  void whatIsWrittenIsWhatWasLoaded() {
    try (Device device = Device.cpu(1);
        ArmoRmNetwork network = ArmoRmCheckpoint.load(MODEL, device, DType.F32)) {
      ArmoRmCheckpoint.write(network, ModelConfig.read(MODEL), temporary, DType.F32);
    }
    try (ShardedCheckpoint original = ShardedCheckpoint.open(MODEL);
        ShardedCheckpoint written = ShardedCheckpoint.open(temporary)) {
      assertEquals(original.names(), written.names());
      for (String name : original.names()) {
        assertArrayEquals(original.entry(name).toFloats(), written.entry(name).toFloats(), 0, name);
      }
    }
    ModelConfig config = ModelConfig.read(temporary);
    assertEquals(ArmoRmConfig.of(ModelConfig.read(MODEL)), ArmoRmConfig.of(config));
    assertEquals(List.of("LlamaForRewardModelWithGating"), config.architectures());
    assertEquals(10L, config.json().get("gating_temperature"));
  }

  /** The heads stay in F32 where the trunk is stored in BF16, as in the published checkpoint. */
  @Test
  void aTrunkStoredInBf16HasHeadsInF32() {
    try (Device device = Device.cpu(1);
        ArmoRmNetwork network = ArmoRmCheckpoint.load(MODEL, device, DType.F32)) {
      ArmoRmCheckpoint.write(network, ModelConfig.read(MODEL), temporary, DType.BF16);
      try (ArmoRmNetwork read = ArmoRmCheckpoint.load(temporary, device, DType.F32)) {
        for (String head : List.of("regression_layer.weight", "gating.layers.3.bias")) {
          assertArrayEquals(
              network.store().get(head).value().toFloats(),
              read.store().get(head).value().toFloats());
        }
      }
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

  private static List<List<int[]>> separately(List<int[]> sequences) {
    return sequences.stream().map(List::of).toList();
  }

  private static void assertClose(double[][] expected, float[][] actual) {
    assertEquals(expected.length, actual.length);
    for (int row = 0; row < expected.length; row++) {
      for (int column = 0; column < expected[row].length; column++) {
        double value = expected[row][column];
        assertEquals(value, actual[row][column], 1e-5 * Math.max(1, Math.abs(value)));
      }
    }
  }
}
