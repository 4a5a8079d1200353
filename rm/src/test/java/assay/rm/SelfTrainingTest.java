package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.data.PreferencePair;
import assay.rm.recipe.Recipe;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs with pairs that a model labelled, and with pairs made of others, whatever the method. */
class SelfTrainingTest {
  private static final int PAIRS = 24;

  @TempDir private static Path shared;
  private static Path labeller;

  /** A reward model that has learnt to tell kind answers from unkind ones. */
  @BeforeAll
  static void trainALabeller() throws IOException {
    Recipe recipe =
        recipe("bradley-terry", "first", "training.max_steps=25", "training.learning_rate=3.0e-3");
    labeller = TinyRun.train(recipe, 2, () -> false).model().orElseThrow();
  }

  private static Recipe recipe(String method, String output, String... overrides)
      throws IOException {
    List<String> all = new ArrayList<>();
    all.add("method=" + method);
    all.add("pairwise.answer_tokens=[A, B]");
    all.add(
        "data.train=[" + write("texts.jsonl", 0, "\"chosen\": \"%s\", \"rejected\": \"%s\"") + "]");
    all.add("data.max_length=256");
    all.addAll(List.of(overrides));
    return new TinyRun(shared).recipe("models/stories260K", output, all.toArray(String[]::new));
  }

  /** Kind answers against unkind ones. */
  private static Path write(String name, int from, String answers) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i < from + PAIRS; i++) {
      lines.append(
          "{\"prompt\": \"Tell me about day %d.\", %s}%n"
              .formatted(
                  i, answers.formatted("It was a happy day " + i + ".", "Go away " + i + "!")));
    }
    return Files.writeString(shared.resolve(name), lines);
  }

  private static Recipe withUnlabelled(String method, String output, Path rows, Path model)
      throws IOException {
    return recipe(
        method, output, "data.unlabelled=[" + rows + "]", "data.pseudo_labels.model=" + model);
  }

  private static JsonNode report(String output) throws IOException {
    return JsonMapper.shared()
        .readTree(Files.readString(shared.resolve(output).resolve("data.json")));
  }

  private static List<Double> losses(String output) throws IOException {
    return Files.readAllLines(shared.resolve(output).resolve("metrics.jsonl")).stream()
        .map(line -> JsonMapper.shared().readTree(line).path("loss").asDouble())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bradley-terry", "pairwise-preference"})
  void aModelsLabelsAreTrainedOnAsIfPeopleHadGivenThem(String method) throws IOException {
    Path unkindFirst = write("unlabelled.jsonl", 50, "\"responses\": [\"%2$s\", \"%1$s\"]");
    Path labelled = write("labelled.jsonl", 50, "\"chosen\": \"%s\", \"rejected\": \"%s\"");
    Recipe self = withUnlabelled(method, "self-" + method, unkindFirst, labeller);
    Recipe people =
        recipe(
            method,
            "people-" + method,
            "data.train=[%s, %s]".formatted(shared.resolve("texts.jsonl"), labelled));
    TinyRun.train(self, 2, () -> false);
    TinyRun.train(people, 2, () -> false);
    JsonNode report = report("self-" + method);
    assertEquals(PAIRS, report.path("unlabelled").path("used").asInt(), report.toString());
    assertEquals(2 * PAIRS, report.path("train_pairs").asInt());
    assertEquals(losses("people-" + method), losses("self-" + method));
  }

  @Test
  void aModelThatComparesLabelsToo() throws IOException {
    Recipe recipe =
        recipe(
            "pairwise-preference",
            "comparing",
            "training.max_steps=25",
            "training.learning_rate=3.0e-3");
    Path comparing = TinyRun.train(recipe, 2, () -> false).model().orElseThrow();
    Path unkindFirst = write("more.jsonl", 80, "\"chosen\": \"%2$s\", \"rejected\": \"%1$s\"");
    Recipe self = withUnlabelled("bradley-terry", "by-comparison", unkindFirst, comparing);
    try (Device device = Device.cpu(2);
        TrainingSetup setup = TrainingSetup.of(self, device, TrainingListener.silent());
        TrainingSetup asRead = TrainingSetup.of(self)) {
      List<PreferencePair> labelled = setup.pairs().train();
      List<PreferencePair> planned = asRead.pairs().train();
      assertEquals(2 * PAIRS, labelled.size());
      for (int i = PAIRS; i < 2 * PAIRS; i++) {
        assertArrayEquals(planned.get(i).rejectedIds(), labelled.get(i).chosenIds());
        assertArrayEquals(planned.get(i).chosenIds(), labelled.get(i).rejectedIds());
      }
    }
  }

  @Test
  void aPlanDoesNotAskTheLabellerAndCannotBeTrained() throws IOException {
    Path rows = write("planned.jsonl", 50, "\"responses\": [\"%s\", \"%s\"]");
    Path notYet = shared.resolve("not-yet");
    Recipe recipe = withUnlabelled("bradley-terry", "planned", rows, notYet);
    try (Device device = Device.cpu(1);
        TrainingSetup setup = TrainingSetup.of(recipe)) {
      assertEquals(2 * PAIRS, setup.pairs().train().size());
      assertTrue(MemoryPlan.of(setup).totalBytes() > 0);
      assertThrows(
          IllegalArgumentException.class,
          () ->
              RewardTraining.run(
                  setup,
                  device,
                  RunFolder.Existing.REFUSE,
                  TrainingListener.silent(),
                  () -> false));
    }
    InvalidInputException missing =
        assertThrows(InvalidInputException.class, () -> TinyRun.train(recipe, 1, () -> false));
    assertTrue(missing.getMessage().startsWith("data.pseudo_labels.model: "), missing.getMessage());
    assertFalse(Files.exists(shared.resolve("planned")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bradley-terry", "pairwise-preference"})
  void augmentedPairsAreTrainedOn(String method) throws IOException {
    TinyRun.train(recipe(method, "plain-" + method), 2, () -> false);
    Recipe recipe =
        recipe(method, "rrm-" + method, "data.augmentation=rrm", "data.augmentation_ratio=2");
    TrainingSummary summary = TinyRun.train(recipe, 2, () -> false);
    JsonNode report = report("rrm-" + method);
    assertEquals(2 * PAIRS, report.path("augmented").path("used").asInt());
    assertEquals(3 * PAIRS, report.path("train_pairs").asInt());
    assertTrue(report.path("augmented").path("neutral_pairs").asInt() > 0);
    assertNotEquals(losses("plain-" + method), losses("rrm-" + method));
    RewardModel.load(summary.model().orElseThrow()).close(); // its probes are checked
  }
}
