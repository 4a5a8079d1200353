package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.ParameterStore;
import assay.nn.Transformer;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.TestResources.ConfigCase;
import assay.nn.checkpoint.WeightMatch.Weight;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class WeightMatchTest {
  static final List<String> MODELS = TestResources.MODELS;

  private static final ModelConfig LLAMA = ModelConfig.read(TestResources.GOLDEN.resolve("llama"));

  @TempDir Path folder;

  static Collection<ConfigCase> casesWithWeights() {
    return new TreeMap<>(TestResources.configCases())
        .values().stream().filter(c -> c.expected().containsKey("weights")).toList();
  }

  @ParameterizedTest
  @MethodSource("casesWithWeights")
  void namesAndShapesAreTransformers(ConfigCase golden) {
    ModelConfig config = golden.read();
    Map<String, Object> names = new TreeMap<>();
    for (Weight weight : withHead(config.transformer(), config.numLabels())) {
      names.put(weight.name(), Arrays.stream(weight.shape().toArray()).boxed().toList());
    }
    assertEquals(golden.expected().get("weights"), names);
  }

  /** What a model is made of, without memory for it. */
  private static List<Weight> weights(TransformerConfig config) {
    try (Device device = Device.planning();
        ParameterStore store = new ParameterStore(device, DType.F32, false)) {
      assertEquals(config, new Transformer(config, store).config());
      return store.all().stream().map(p -> new Weight(p.name(), p.shape())).toList();
    }
  }

  private static List<Weight> withHead(TransformerConfig config, int numLabels) {
    List<Weight> weights = new ArrayList<>(weights(config));
    weights.add(new Weight("score.weight", Shape.of(numLabels, config.hiddenSize())));
    return weights;
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void everyGoldenModelHoldsExactlyItsWeights(String model) {
    ModelConfig config = ModelConfig.read(TestResources.GOLDEN.resolve(model));
    List<Weight> needed = withHead(config.transformer(), 1);
    try (ShardedCheckpoint checkpoint =
        ShardedCheckpoint.open(TestResources.GOLDEN.resolve(model))) {
      Map<String, TensorEntry> matched = WeightMatch.match(checkpoint, needed, Set.of());
      assertEquals(checkpoint.names(), matched.keySet().stream().collect(Collectors.toSet()));
    }
  }

  /** Matches a checkpoint of zeros against the trunk that llama's config.json describes. */
  private Set<String> match(Collection<Weight> stored, Set<String> ignored) {
    List<TensorSpec> specs =
        stored.stream().map(w -> new TensorSpec(w.name(), DType.BF16, w.shape())).toList();
    try (ShardedCheckpointWriter writer =
        new ShardedCheckpointWriter(folder, specs, ShardedCheckpointWriter.MAX_SHARD_BYTES)) {
      for (Weight weight : stored) {
        float[] zeros = new float[(int) weight.shape().size()];
        writer.writeFloat32(weight.name(), MemorySegment.ofArray(zeros));
      }
      writer.commit();
    }
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
      List<Weight> needed = weights(LLAMA.transformer());
      return WeightMatch.match(checkpoint, needed, ignored).keySet();
    }
  }

  private static List<Weight> trunkWith(Weight... more) {
    List<Weight> all = new ArrayList<>(weights(LLAMA.transformer()));
    all.addAll(List.of(more));
    return all;
  }

  private static List<Weight> renamed(List<Weight> weights, UnaryOperator<String> rename) {
    return weights.stream().map(w -> new Weight(rename.apply(w.name()), w.shape())).toList();
  }

  private String refusal(Collection<Weight> stored) {
    return assertThrows(SafetensorsException.class, () -> match(stored, Set.of())).getMessage();
  }

  @Test
  void aBaseModelsNamesWithoutPrefixAreRead() {
    Set<String> matched =
        match(renamed(trunkWith(), name -> name.substring("model.".length())), Set.of());
    assertTrue(matched.contains("model.layers.2.mlp.up_proj.weight"), matched.toString());
  }

  @Test
  void headsAndStoredConstantsArePassedOver() {
    Weight head = new Weight("lm_head.weight", Shape.of(300, 32));
    Weight constant = new Weight("model.layers.0.self_attn.rotary_emb.inv_freq", Shape.of(4));
    Weight other = new Weight("score.weight", Shape.of(7, 32));
    assertEquals(29, match(trunkWith(head, constant, other), Set.of("score.weight")).size());
  }

  @Test
  void missingTensorsAreNamedWithTheirShapes() {
    List<Weight> stored = trunkWith();
    stored.removeIf(w -> w.name().contains("mlp.up_proj"));
    String message = refusal(stored);
    assertTrue(message.contains("missing: model.layers.0.mlp.up_proj.weight [64, 32]"), message);
    assertTrue(message.contains("missing: model.layers.2.mlp.up_proj.weight"), message);
  }

  @Test
  void unexpectedTensorsAreNamed() {
    String message = refusal(trunkWith(new Weight("v_head.bias", Shape.of(1))));
    assertTrue(message.contains("unexpected: v_head.bias"), message);
  }

  @Test
  void aWrongShapeIsNamedWithBothShapes() {
    List<Weight> stored = trunkWith();
    stored.set(0, new Weight("model.embed_tokens.weight", Shape.of(301, 32)));
    assertTrue(
        refusal(stored)
            .contains("wrong: model.embed_tokens.weight: expected [300, 32], found [301, 32]"));
  }

  @Test
  void longListsAreCut() {
    String message = refusal(List.of(trunkWith().getFirst()));
    assertTrue(message.contains("missing: and 23 more"), message);
  }
}
