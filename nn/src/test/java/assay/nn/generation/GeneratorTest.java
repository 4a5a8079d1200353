package assay.nn.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.Tape;
import assay.nn.KeyValueCache;
import assay.nn.generation.Generator.Answer;
import assay.nn.generation.Generator.Prompt;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.Segments;
import assay.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Generation against what transformers wrote, and against reading everything again. */
class GeneratorTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));
  private static final Path STORIES = RESOURCES.resolve("models/stories260K");
  private static final int[] PROMPT = {1, 403, 407, 261, 378};

  /** What transformers wrote greedily after a prompt. */
  private record Reference(int[] prompt, int[] greedy) {}

  @Test
  void stories260kWritesTheTokensOfTransformers() throws IOException {
    assertWrites(STORIES, RESOURCES.resolve("models/stories260K-reference.json"));
  }

  /** By hand: {@code -Dassay.smollm2=DIR -Dassay.smollm2-reference=FILE}. */
  @Test
  @EnabledIfSystemProperty(named = "assay.smollm2", matches = ".+")
  void smollm2WritesTheTokensOfTransformers() throws IOException {
    assertWrites(
        Path.of(System.getProperty("assay.smollm2")),
        Path.of(System.getProperty("assay.smollm2-reference")));
  }

  private static void assertWrites(Path folder, Path reference) throws IOException {
    List<Reference> cases = references(reference);
    assertTrue(cases.size() >= 3, "only " + cases.size() + " cases");
    try (Device device = Device.cpu(2);
        LanguageModel model = LanguageModel.load(folder, device, DType.F32)) {
      Generator generator = new Generator(model);
      List<Prompt> prompts = cases.stream().map(one -> new Prompt(one.prompt(), 0)).toList();
      Sampling greedy = Sampling.greedy(cases.getFirst().greedy().length, Set.of());
      List<Answer> together = generator.generate(prompts, greedy);
      for (int i = 0; i < cases.size(); i++) {
        Answer alone = generator.generate(List.of(prompts.get(i)), greedy).getFirst();
        int[] expected = cases.get(i).greedy(); // ends with the stop token, if there was one
        assertArrayEquals(expected, Arrays.copyOf(alone.ids(), expected.length));
        assertArrayEquals(expected, Arrays.copyOf(together.get(i).ids(), expected.length));
      }
    }
  }

  private static List<Reference> references(Path file) throws IOException {
    List<Reference> references = new ArrayList<>();
    for (JsonNode one : JsonMapper.shared().readTree(Files.readString(file)).path("cases")) {
      references.add(new Reference(ints(one.path("input_ids")), ints(one.path("greedy24"))));
    }
    return references;
  }

  private static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
  }

  /** Llama, Gemma 2 (windows and soft caps) and Qwen 2 (biases): their caches differ. */
  @Test
  void cachedLogitsHaveTheBitsOfReadingEverythingAgain() {
    for (String name : List.of("llama3-causal", "gemma2-causal", "qwen2-causal")) {
      try (Device device = Device.cpu(2);
          LanguageModel model =
              LanguageModel.load(RESOURCES.resolve("golden/" + name), device, DType.F32)) {
        int[] ids = IntStream.range(0, 40).map(i -> (i * 37 + 5) % 50).toArray();
        float[] expected = allLogits(model, ids);
        int vocab = model.trunk().config().vocabSize();
        try (KeyValueCache cache = model.trunk().newCache(Segments.sequences(64))) {
          assertArrayEquals(
              Arrays.copyOf(expected, 7 * vocab), cachedLogits(model, cache, ids, 0, 7), name);
          for (int row = 7; row < ids.length; row++) {
            float[] next = cachedLogits(model, cache, ids, row, row + 1);
            float[] row1 = Arrays.copyOfRange(expected, row * vocab, (row + 1) * vocab);
            assertArrayEquals(row1, next, name + " at " + row);
          }
        }
      }
    }
  }

  private static float[] allLogits(LanguageModel model, int[] ids) {
    try (TensorArena arena = TensorArena.open(model.device(), "activations")) {
      Tape tape = Tape.inference(arena);
      Segments one = Segments.sequences(ids.length);
      return model.logits(model.trunk().forward(tape, ids, one, null, false)).value().toFloats();
    }
  }

  private static float[] cachedLogits(
      LanguageModel model, KeyValueCache cache, int[] ids, int from, int to) {
    try (TensorArena arena = TensorArena.open(model.device(), "activations")) {
      Tape tape = Tape.inference(arena);
      int[] rows = IntStream.range(from, to).toArray();
      int[] some = Arrays.copyOfRange(ids, from, to);
      return model
          .logits(model.trunk().forwardCached(tape, some, cache, rows, null))
          .value()
          .toFloats();
    }
  }

  @Test
  void aRowIsReadOnceAndAfterTheOneBeforeIt() {
    try (Device device = Device.cpu(1);
        LanguageModel model = LanguageModel.load(STORIES, device, DType.F32);
        KeyValueCache cache = model.trunk().newCache(Segments.sequences(8))) {
      cachedLogits(model, cache, PROMPT, 0, 3);
      assertThrows(IllegalStateException.class, () -> cachedLogits(model, cache, PROMPT, 2, 3));
      assertThrows(IllegalStateException.class, () -> cachedLogits(model, cache, PROMPT, 4, 5));
    }
  }

  @Test
  void anAnswerEndsBeforeTheFirstStopToken() {
    try (Device device = Device.cpu(1);
        LanguageModel model = LanguageModel.load(STORIES, device, DType.F32)) {
      Generator generator = new Generator(model);
      Prompt prompt = new Prompt(PROMPT, 0);
      Answer whole = generator.generate(List.of(prompt), Sampling.greedy(12, Set.of())).getFirst();
      assertFalse(whole.stopped());
      assertEquals(12, whole.ids().length);
      int stop = whole.ids()[7];
      int first = IntStream.range(0, 12).filter(i -> whole.ids()[i] == stop).findFirst().orElse(7);
      Answer cut =
          generator.generate(List.of(prompt), Sampling.greedy(12, Set.of(stop))).getFirst();
      assertTrue(cut.stopped());
      assertArrayEquals(Arrays.copyOf(whole.ids(), first), cut.ids());
    }
  }

  @Test
  void whatIsDrawnDependsOnThePromptsSeedAlone() {
    try (Device device = Device.cpu(2);
        LanguageModel model = LanguageModel.load(STORIES, device, DType.F32)) {
      Generator generator = new Generator(model);
      Sampling sampling = new Sampling(20, 1, 0.95, Set.of());
      List<Prompt> prompts = IntStream.range(0, 4).mapToObj(i -> new Prompt(PROMPT, i)).toList();
      List<Answer> together = generator.generate(prompts, sampling);
      for (int i = 0; i < prompts.size(); i++) {
        Answer alone = generator.generate(List.of(prompts.get(i)), sampling).getFirst();
        assertArrayEquals(alone.ids(), together.get(i).ids());
      }
      assertFalse(Arrays.equals(together.get(0).ids(), together.get(1).ids()));
    }
  }

  @Test
  void aPromptThatLeavesNoRoomIsRefused() {
    try (Device device = Device.cpu(1);
        LanguageModel model = LanguageModel.load(STORIES, device, DType.F32)) {
      int limit = model.trunk().config().maxPositionEmbeddings();
      Generator generator = new Generator(model);
      Sampling sampling = Sampling.greedy(3, Set.of());
      List<Prompt> full = List.of(new Prompt(new int[limit], 0));
      assertThrows(InvalidInputException.class, () -> generator.generate(full, sampling));
      List<Prompt> almost = List.of(new Prompt(new int[limit - 1], 0));
      assertEquals(1, generator.generate(almost, sampling).getFirst().ids().length);
    }
  }
}
