package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reward models as OpenRLHF, LLaMA-Factory and TRL's value heads store them. */
class ImportedHeadTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));
  private static final Path FOLDERS = RESOURCES.resolve("golden/imported-heads");

  @TempDir private Path temporary;

  private static JsonNode golden() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(FOLDERS.resolve("golden.json")));
  }

  private static List<int[]> sequences() throws IOException {
    List<int[]> sequences = new ArrayList<>();
    golden()
        .get("sequences")
        .forEach(ids -> sequences.add(ids.values().stream().mapToInt(JsonNode::asInt).toArray()));
    return sequences;
  }

  private static void assertRewards(String expected, Path folder) throws IOException {
    JsonNode rewards = golden().get("rewards").get(expected);
    try (RewardModel model = RewardModel.load(folder)) {
      double[] scores = model.scoreIds(sequences());
      for (int i = 0; i < scores.length; i++) {
        double reward = rewards.get(i).doubleValue();
        assertEquals(reward, scores[i], 1e-5 * Math.max(1, Math.abs(reward)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openrlhf", "openrlhf-normalized", "llama-factory", "trl-value-head"})
  void rewardsAreThoseOfPyTorch(String layout) throws IOException {
    assertRewards(layout, FOLDERS.resolve(layout));
  }

  /** What is trained on is a model like any other: with the head in its place, and no bias. */
  @ParameterizedTest
  @ValueSource(strings = {"openrlhf", "llama-factory", "trl-value-head"})
  void trainingGoesOnFromTheHeadAndStoresItWhereTransformersHasIt(String layout)
      throws IOException {
    String[] still = {"training.learning_rate=1.0e-12", "training.weight_decay=0"};
    Recipe recipe = new TinyRun(temporary).recipe("golden/imported-heads/" + layout, "out", still);
    TinyRun.train(recipe, 1, () -> false);
    Path model = temporary.resolve("out").resolve(TinyRun.MODEL);
    assertRewards("openrlhf", model); // the head's output, as it is
    String config = Files.readString(model.resolve("config.json"));
    assertTrue(config.contains("LlamaForSequenceClassification"), config);
    for (String key : List.of("\"mean\"", "\"std\"", "normalize_reward", "value_head_prefix")) {
      assertFalse(config.contains(key), config);
    }
  }

  private Path copy(String layout) throws IOException {
    Path copy = Files.createDirectory(temporary.resolve("copy"));
    try (Stream<Path> files = Files.list(FOLDERS.resolve(layout))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private static void assertRefused(Path folder, String... parts) {
    String message =
        assertThrows(InvalidInputException.class, () -> RewardModel.load(folder)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void aHeadThatIsNowhereIsRefusedWithWhatWasLookedForAndFound() throws IOException {
    Path folder = copy("openrlhf");
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"value_head\"", "\"reward_head\""));
    assertRefused(folder, "v_head.summary.weight (LLaMA-Factory", "there are [value_head.weight]");
  }

  @Test
  void picklesAndAdaptersAreRefusedByName() throws IOException {
    Path folder = copy("llama-factory");
    Files.delete(folder.resolve("value_head.safetensors"));
    Files.writeString(folder.resolve("value_head.bin"), "x");
    assertRefused(folder, "value_head.bin: is a pickle", "value_head.safetensors");
    Files.delete(folder.resolve("model.safetensors"));
    Files.delete(folder.resolve("value_head.bin"));
    Files.writeString(folder.resolve("adapter_config.json"), "{}");
    assertRefused(folder, "has no weights", "merge_and_unload()");
  }

  @Test
  void aNormalizationThatIsNoneIsRefused() throws IOException {
    Path folder = copy("openrlhf-normalized");
    Path config = folder.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("1.6", "0"));
    assertRefused(folder, "config.json: std: expected a number to normalize rewards by: 0");
  }

  /** OpenRLHF reads rewards at an end-of-sequence token, whatever the template ends with. */
  @Test
  void conversationsEndAsOpenRlhfEndsThem() {
    Path folder = RESOURCES.resolve("golden/trl-stories260k/model");
    try (TextEncoder encoder =
        TextEncoder.load(folder, Optional.empty()).orElseThrow().endingWithEos()) {
      List<Message> turns = List.of(new Message("user", "Why?"), new Message("assistant", "So."));
      String text = encoder.render(turns);
      assertTrue(text.endsWith("</s>"), text);
      assertFalse(text.endsWith("</s> </s>"), text);
      int[] ids = encoder.encode(turns);
      assertEquals(encoder.endOfSequence().orElseThrow(), ids[ids.length - 1]);
    }
  }
}
