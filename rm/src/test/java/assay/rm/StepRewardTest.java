package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.Safetensors;
import assay.rm.data.LabelledText;
import assay.rm.data.Row;
import assay.rm.data.RowFiles;
import assay.rm.data.RowPlace;
import assay.rm.data.RowReader;
import assay.rm.data.ScoreRow;
import assay.rm.recipe.Recipe;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.rm.text.Message;
import assay.rm.text.StepEncoder;
import assay.rm.text.TextEncoder;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Verdicts on steps: the loss and its gradients against PyTorch, and from recipe to use. */
class StepRewardTest {
  private static final String STORIES = "models/stories260K";
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));

  @TempDir private Path temporary;

  @ParameterizedTest
  @ValueSource(ints = {1000, 1})
  void lossAndEveryGradientMatchPyTorchWhateverTheSizeOfAPart(int rows) {
    try (Device device = Device.cpu(2);
        GoldenModel trunk = new GoldenModel("llama3-causal", device);
        Safetensors golden =
            Safetensors.open(RESOURCES.resolve("golden/steps/golden.safetensors"))) {
      List<LabelledText> texts = new ArrayList<>();
      float[] readAt = golden.entry("read_at").toFloats();
      float[] labels = golden.entry("labels").toFloats();
      for (int i = 0; i < trunk.sequences().size(); i++) {
        texts.add(text(trunk.sequences().get(i), readAt, labels, 3 * i));
      }
      RewardTask.Computation computation = new RewardTask.Computation(rows, true, rows == 1);
      StepTask task =
          new StepTask(
              (PreferenceNetwork) trunk.network(), new AnswerTokens(65, 66), texts, computation);
      GoldenHeads.assertStepMatches(
          task, name -> golden.entry(name).toFloats(), IntStream.range(0, texts.size()).toArray());
    }
  }

  private static LabelledText text(int[] ids, float[] readAt, float[] labels, int from) {
    int[] its =
        IntStream.range(from, from + 3).map(i -> (int) readAt[i]).filter(at -> at >= 0).toArray();
    return new LabelledText(
        ids,
        its,
        Arrays.copyOfRange(labels, from, from + its.length),
        from,
        new RowPlace("golden", RowPlace.Unit.ROW, 1));
  }

  @Test
  void verdictsAreFoundWhereTheTemplatePutsThem() {
    try (TextEncoder encoder =
        TextEncoder.load(RESOURCES.resolve(STORIES), Optional.empty()).orElseThrow()) {
      StepEncoder steps = new StepEncoder(encoder);
      List<Message> turns =
          StepEncoder.turns(List.of(new Message("user", "2 + 3 - 1?")), List.of("5 - 1", "4"));
      assertEquals("2 + 3 - 1? 5 - 1", turns.getFirst().content());
      StepEncoder.Steps encoded = steps.encode(turns, 2);
      assertEquals(2, encoded.verdictAt().length);
      for (int at : encoded.verdictAt()) {
        assertEquals(steps.verdicts().a(), encoded.ids()[at]);
      }
      int[] first = encoded.before(0);
      assertArrayEquals(Arrays.copyOf(encoded.ids(), encoded.verdictAt()[0]), first);
    }
  }

  /** Here each turn stands twice: a verdict is two tokens, and it is not said which one counts. */
  @Test
  void aVerdictThatIsNotOneTokenIsRefusedBeforeAnyWork() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("twice"));
    Files.copy(
        RESOURCES.resolve(STORIES).resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.content }} {{ m.content }}\n{% endfor %}");
    try (TextEncoder encoder = TextEncoder.load(folder, Optional.empty()).orElseThrow()) {
      InvalidInputException error =
          assertThrows(InvalidInputException.class, () -> new StepEncoder(encoder));
      assertTrue(error.getMessage().contains("not one token"), error.getMessage());
    }
  }

  /** Steps that say yes are right, and those that say no are wrong. */
  private Path solutions() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      boolean second = i % 2 == 0;
      lines.append(
          "{\"prompt\": \"Sum %d\", \"steps\": [\"yes yes\", \"%s\"], \"labels\": [true, %s]}%n"
              .formatted(i, second ? "yes yes" : "no no", second));
    }
    return Files.writeString(temporary.resolve("steps.jsonl"), lines);
  }

  private Recipe recipe(String output, String... overrides) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "method=process-reward",
                "data.train=[" + solutions() + "]",
                "data.eval_fraction=0.25",
                "training.max_steps=25"));
    all.addAll(List.of(overrides));
    return new TinyRun(temporary).recipe(STORIES, output, all.toArray(String[]::new));
  }

  private static ObjectNode score(RewardModel model, String line) {
    try (RowReader reader =
        RowFiles.open("rows", new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)))) {
      Row row = reader.next().orElseThrow();
      ScoreRow parsed = ScoreRow.parse(row);
      return parsed.answer(model.judge(List.of(parsed)).getFirst());
    }
  }

  @Test
  void aTrainedModelSaysWhichStepIsWrong() throws IOException {
    TrainingSummary summary = TinyRun.train(recipe("run"), 2, () -> false);
    assertTrue(summary.evaluation().orElseThrow().accuracy() > 0.7);
    Path folder = summary.model().orElseThrow();
    assertEquals(List.of("LlamaForCausalLM"), ModelConfig.read(folder).architectures());
    try (RewardModel model = RewardModel.load(folder)) {
      ObjectNode answer =
          score(model, "{\"prompt\":\"Sum 99\",\"steps\":[\"yes yes\",\"no no\"],\"id\":7}");
      double first = answer.path("steps").get(0).asDouble();
      double second = answer.path("steps").get(1).asDouble();
      assertTrue(first > 0.5 && second < 0.5, answer.toString());
      assertEquals((first + second) / 2, answer.path("reward").asDouble(), 1e-12);
      assertEquals(7, answer.path("id").asInt());
      ObjectNode lines = score(model, "{\"prompt\":\"Sum 99\",\"response\":\"yes yes\\nno no\"}");
      assertEquals(answer.path("steps"), lines.path("steps"));
      assertTrue(score(model, "{\"text\":\"yes\"}").has("error"));
    }
  }

  @Test
  void aChainIsAsGoodAsItsWorstStepIfTheRecipeSaysSo() throws IOException {
    Recipe recipe = recipe("min", "steps.reward=min", "training.max_steps=2");
    Path folder = TinyRun.train(recipe, 2, () -> false).model().orElseThrow();
    try (RewardModel model = RewardModel.load(folder)) {
      ObjectNode answer = score(model, "{\"prompt\":\"Sum 99\",\"steps\":[\"yes yes\",\"no no\"]}");
      double first = answer.path("steps").get(0).asDouble();
      double second = answer.path("steps").get(1).asDouble();
      assertEquals(Math.min(first, second), answer.path("reward").asDouble());
    }
  }

  @Test
  void conversationsWithVerdictsAreTheSameRows() throws IOException {
    Path turns =
        Files.writeString(
            temporary.resolve("turns.jsonl"),
            "{\"conversations\": [{\"role\":\"user\",\"content\":\"Sum 1 yes\"},"
                + "{\"role\":\"assistant\",\"content\":\"+\"},"
                + "{\"role\":\"user\",\"content\":\"no\"},"
                + "{\"role\":\"assistant\",\"content\":\"-\"}]}\n");
    Path steps =
        Files.writeString(
            temporary.resolve("same.jsonl"),
            "{\"prompt\":\"Sum 1\",\"steps\":[\"yes\",\"no\"],\"labels\":[true,false]}\n");
    LabelledText one = onlyText(recipe("a", "data.eval_fraction=0", "data.train=" + turns));
    LabelledText other = onlyText(recipe("b", "data.eval_fraction=0", "data.train=" + steps));
    assertArrayEquals(other.ids(), one.ids());
    assertArrayEquals(other.readAt(), one.readAt());
    assertArrayEquals(new float[] {1, 0}, one.labels());
    assertArrayEquals(other.labels(), one.labels());
  }

  private static LabelledText onlyText(Recipe recipe) {
    try (TrainingSetup setup = TrainingSetup.of(recipe)) {
      assertEquals(1, setup.texts().train().size());
      return setup.texts().train().getFirst();
    }
  }

  @Test
  void pairsTeachAnOutcomeModelWhichSolutionIsRight() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      lines.append(
          "{\"prompt\": \"Sum %d\", \"chosen\": \"yes\\nyes\", \"rejected\": \"no\\nno\"}%n"
              .formatted(i));
    }
    Path file = Files.writeString(temporary.resolve("solved.jsonl"), lines);
    Recipe recipe = recipe("outcome", "method=outcome-reward", "data.train=" + file);
    TrainingSummary summary = TinyRun.trainOnRanks(recipe, 2);
    assertEquals(1, summary.evaluation().orElseThrow().accuracy());
    try (RewardModel model = RewardModel.load(summary.model().orElseThrow())) {
      ObjectNode answer =
          score(model, "{\"prompt\":\"Sum 77\",\"chosen\":\"yes\\nyes\",\"rejected\":\"no\\nno\"}");
      double chosen = answer.path("chosen_reward").asDouble();
      assertTrue(chosen > answer.path("rejected_reward").asDouble(), answer.toString());
      assertTrue(chosen < 1 && chosen > 0);
    }
  }

  @Test
  void ofPairsTheEndOfTheWorseAnswerIsKnownToBeWrongAndNoMore() throws IOException {
    Path file =
        Files.writeString(
            temporary.resolve("solved-pairs.jsonl"),
            "{\"prompt\":\"Sum\",\"chosen\":\"a\\n\\nb\",\"rejected\":\"a\\nb\\nc\"}\n");
    Recipe recipe = recipe("ends", "data.eval_fraction=0", "data.train=" + file);
    try (TrainingSetup setup = TrainingSetup.of(recipe)) {
      List<LabelledText> texts = setup.texts().train();
      assertArrayEquals(new float[] {1, 1}, texts.get(0).labels());
      assertArrayEquals(new float[] {Float.NaN, Float.NaN, 0}, texts.get(1).labels());
      assertEquals(1, texts.get(1).numLabels());
    }
  }

  @Test
  void aLabelForEveryStepIsAskedFor() throws IOException {
    Path file =
        Files.writeString(
            temporary.resolve("few.jsonl"),
            "{\"prompt\":\"Sum\",\"steps\":[\"a\",\"b\"],\"labels\":[true]}\n");
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> TrainingSetup.of(recipe("few", "data.train=" + file)));
    assertTrue(error.getMessage().contains("few.jsonl:1: labels"), error.getMessage());
  }

  @Test
  void aClassifierIsRefused() {
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () ->
                TinyRun.train(
                    new TinyRun(temporary)
                        .recipe("golden/llama", "refused", "method=process-reward"),
                    1,
                    () -> false));
    assertTrue(error.getMessage().contains("causal language model"), error.getMessage());
  }
}
