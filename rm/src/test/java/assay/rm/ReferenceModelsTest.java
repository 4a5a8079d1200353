package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.MatMul;
import assay.nn.ParameterStore;
import assay.nn.Transformer;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpoint;
import assay.nn.checkpoint.WeightLoader;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Segments;
import assay.tensor.TensorArena;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Real language models against what transformers computes with them: logits and hidden values. */
class ReferenceModelsTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));

  @Test
  void stories260kGivesTheLogitsOfTransformers() throws IOException {
    assertMatches(
        RESOURCES.resolve("models/stories260K"),
        RESOURCES.resolve("models/stories260K-reference.json"));
  }

  /** By hand: {@code -Dassay.smollm2=DIR -Dassay.smollm2-reference=FILE}. */
  @Test
  @EnabledIfSystemProperty(named = "assay.smollm2", matches = ".+")
  void smollm2GivesTheLogitsOfTransformers() throws IOException {
    assertMatches(
        Path.of(System.getProperty("assay.smollm2")),
        Path.of(System.getProperty("assay.smollm2-reference")));
  }

  private static void assertMatches(Path folder, Path reference) throws IOException {
    JsonNode json = JsonMapper.shared().readTree(Files.readString(reference));
    ModelConfig config = ModelConfig.read(folder);
    try (Device device = Device.cpu(2);
        ParameterStore store = new ParameterStore(device, DType.F32, false);
        ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      Transformer trunk = new Transformer(config.transformer(), store);
      WeightLoader.loadAll(checkpoint, store.all(), Set.of());
      int cases = 0;
      for (JsonNode expected : json.path("cases")) {
        assertCase(device, trunk, expected);
        cases++;
      }
      assertTrue(cases >= 3, "only " + cases + " cases in " + reference);
    }
  }

  private static void assertCase(Device device, Transformer trunk, JsonNode expected) {
    int[] ids = new int[expected.path("input_ids").size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = expected.path("input_ids").get(i).asInt();
    }
    int vocab = trunk.config().vocabSize();
    int hidden = trunk.config().hiddenSize();
    try (TensorArena arena = TensorArena.open(device, "activations")) {
      Tape tape = Tape.inference(arena);
      Variable states = trunk.forward(tape, ids, Segments.sequences(ids.length), null, false);
      Variable head = trunk.embedding().on(tape); // both models tie their head to the embedding
      float[] logits = states.apply(new MatMul(true), head).value().toFloats(); // [T, vocab]
      float[] state = states.value().toFloats(); // [T, hidden]
      int last = ids.length - 1;
      assertFirst(expected.path("last_logits_first8"), logits, last * vocab);
      assertFirst(expected.path("last_hidden_first8"), state, last * hidden);
      int best = 0;
      double logProbability = 0;
      for (int token = 0; token < vocab; token++) {
        best = logits[last * vocab + token] > logits[last * vocab + best] ? token : best;
      }
      assertEquals(expected.path("last_argmax").asInt(), best);
      for (int row = 0; row < last; row++) {
        logProbability += logProbability(logits, row * vocab, vocab, ids[row + 1]);
      }
      double sum = expected.path("sum_logprob").asDouble();
      assertEquals(sum, logProbability, 2e-4 * Math.max(1, Math.abs(sum)));
    }
  }

  private static void assertFirst(JsonNode expected, float[] actual, int offset) {
    for (int i = 0; i < expected.size(); i++) {
      double value = expected.get(i).asDouble();
      assertEquals(value, actual[offset + i], 2e-4 * Math.max(1, Math.abs(value)));
    }
  }

  private static double logProbability(float[] logits, int offset, int count, int token) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, logits[offset + i]);
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += Math.exp(logits[offset + i] - max);
    }
    return logits[offset + token] - max - Math.log(sum);
  }
}
