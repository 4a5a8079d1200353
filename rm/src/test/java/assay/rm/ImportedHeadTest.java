package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  @ValueSource(
      strings = {
        "openrlhf",
        "openrlhf-normalized",
        "openrlhf-score",
        "llama-factory",
        "trl-value-head"
      })
  void rewardsAreThoseOfPyTorch(String layout) throws IOException {
    assertRewards(layout, FOLDERS.resolve(layout));
  }

  /** What is trained on is a model like any other: with the head in its place, and no bias. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "openrlhf",
        "openrlhf-normalized",
        "openrlhf-score",
        "llama-factory",
        "trl-value-head"
      })
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

  @Test
  void twoRanksThatShareTheWeightsStartFromTheSameHead() throws IOException {
    TinyRun run = new TinyRun(temporary);
    String model = "golden/imported-heads/llama-factory";
    TinyRun.train(run.recipe(model, "one"), 1, () -> false);
    TinyRun.trainOnRanks(run.recipe(model, "two", "distributed.zero_stage=3"), 2);
    TinyRun.assertSame(temporary.resolve("one"), temporary.resolve("two"));
  }

  private Path copy(String layout) throws IOException {
    return copyOf(FOLDERS.resolve(layout));
  }

  private Path copyOf(Path folder) throws IOException {
    Path copy = Files.createTempDirectory(temporary, "copy");
    try (Stream<Path> files = Files.list(folder)) {
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
    assertRefused(
        folder,
        "looked for score.weight (transformers",
        "reward_head.weight (OpenRLHF)",
        "found the class [RewardModel] and, beside the decoder, value_head.weight");
  }

  /** Else a language model with a head of its own would be asked to compare, without that head. */
  @Test
  void aLanguageModelWithAHeadThatNobodyKnowsIsRefusedBeforeDataIsRead() throws IOException {
    Path folder = copy("trl-value-head");
    rename(folder, "v_head.summary.weight", "v_head.summary.scale_");
    String[] parts = {"value_head.weight (OpenRLHF)", "beside the decoder, v_head.summary.bias"};
    assertRefused(folder, parts);
    Recipe recipe =
        new TinyRun(temporary)
            .recipe("golden/llama", "out", "model=" + folder, "data.train=[" + folder + "/none]");
    String message =
        assertThrows(InvalidInputException.class, () -> TrainingSetup.of(recipe)).getMessage();
    assertTrue(message.contains(parts[0]), message);
  }

  @Test
  void aClassifierThatLostItsHeadIsRefused() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("lost"));
    Files.copy(RESOURCES.resolve("golden/llama/config.json"), folder.resolve("config.json"));
    Files.copy(
        FOLDERS.resolve("llama-factory/model.safetensors"), folder.resolve("model.safetensors"));
    assertRefused(folder, "found the class [LlamaForSequenceClassification]", "no tensor");
  }

  /** Of the same length, so that no offset changes. */
  private static void rename(Path folder, String name, String other) throws IOException {
    Path file = folder.resolve("model.safetensors");
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    assertEquals(name.length(), other.length());
    Files.writeString(file, bytes.replace(name, other), StandardCharsets.ISO_8859_1);
  }

  /** A model with one head does not become one with two by forgetting it. */
  @Test
  void anImportedHeadIsNotReplacedByAnotherMethodsHeads() {
    Recipe recipe =
        new TinyRun(temporary).recipe("golden/imported-heads/llama-factory", "out", "method=odin");
    String message =
        assertThrows(InvalidInputException.class, () -> TinyRun.train(recipe, 1, () -> false))
            .getMessage();
    assertTrue(message.contains("has 1 labels, but this kind of reward model has 2"), message);
  }

  @Test
  void picklesAndAdaptersAreRefusedByName() throws IOException {
    Path folder = copy("llama-factory");
    Files.delete(folder.resolve("value_head.safetensors"));
    Files.writeString(folder.resolve("value_head.bin"), "x");
    assertRefused(folder, "value_head.bin: is a pickle", "value_head.safetensors");
    Files.writeString(folder.resolve("adapter_config.json"), "{}");
    assertRefused(folder, "holds an adapter (adapter_config.json)", "merge_and_unload()");
  }

  @Test
  void aNormalizationThatIsNoneIsRefused() throws IOException {
    Path folder = copy("openrlhf-normalized");
    Path config = folder.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("1.6", "0"));
    assertRefused(folder, "config.json: std: expected a number to normalize rewards by: 0");
  }

  @Test
  void conversationsGiveTheTokensThatOpenRlhfMakesOfThem() throws IOException {
    List<Message> turns = new ArrayList<>();
    for (JsonNode turn : golden().get("messages")) {
      turns.add(new Message(turn.get("role").asString(), turn.get("content").asString()));
    }
    Path tokenizer = RESOURCES.resolve("golden/trl-stories260k/model");
    for (JsonNode its : golden().get("conversations")) {
      Path folder = copy("openrlhf");
      for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
        Files.copy(tokenizer.resolve(name), folder.resolve(name));
      }
      Files.writeString(folder.resolve("chat_template.jinja"), its.get("template").asString());
      try (RewardModel model = RewardModel.load(folder)) {
        int[] ids = model.encoder().encode(turns);
        assertArrayEquals(
            its.get("ids").values().stream().mapToInt(JsonNode::asInt).toArray(), ids);
      }
    }
  }

  @Test
  void aModelThatWasTrainedOnReadsConversationsAsItsFirstTrainerDid() throws IOException {
    Path folder = copyOf(RESOURCES.resolve("golden/trl-stories260k/model"));
    Path config = folder.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replaceFirst("\\{", "{\"value_head_prefix\": \"score\","));
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        golden().get("conversations").get(0).get("template").asString());
    List<Message> turns = List.of(new Message("user", "Why?"), new Message("assistant", "So."));
    TinyRun run = new TinyRun(temporary);
    TinyRun.train(run.recipe("golden/llama", "out", "model=" + folder), 1, () -> false);
    for (Path model : List.of(folder, temporary.resolve("out").resolve(TinyRun.MODEL))) {
      try (RewardModel loaded = RewardModel.load(model)) {
        assertEquals("user: Why?assistant: So. </s>", loaded.encoder().render(turns));
      }
    }
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
