package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.LayerConfig;
import assay.nn.TransformerConfig;
import assay.nn.checkpoint.TestResources.ConfigCase;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class ModelConfigTest {
  @TempDir Path folder;

  static final List<String> MODELS = TestResources.MODELS;

  static Collection<ConfigCase> cases() {
    return new TreeMap<>(TestResources.configCases()).values();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void meansWhatTransformersComputesWith(ConfigCase golden) {
    TransformerConfig config = golden.read().transformer();
    Map<String, Object> expected = new LinkedHashMap<>(golden.expected());
    Map<String, Object> actual = new LinkedHashMap<>();
    actual.put("vocab_size", config.vocabSize());
    actual.put("hidden_size", config.hiddenSize());
    actual.put("intermediate_size", config.intermediateSize());
    actual.put("num_heads", config.numHeads());
    actual.put("num_key_value_heads", config.numKeyValueHeads());
    actual.put("head_dim", config.headDim());
    actual.put("rms_norm_eps", config.rmsNormEps());
    actual.put("norm_adds_one", config.normAddsOne());
    actual.put("activation", config.activation().name());
    actual.put("embedding_scale", config.embeddingScale());
    actual.put("attention_scale", config.attentionScale());
    actual.put("attention_soft_cap", config.attentionSoftCap());
    actual.put("logit_soft_cap", config.logitSoftCap());
    actual.put("query_key_value_bias", config.queryKeyValueBias());
    actual.put("output_bias", config.outputBias());
    actual.put("mlp_bias", config.mlpBias());
    actual.put("query_key_norm", config.queryKeyNorm());
    actual.put("post_norms", config.postNorms());
    actual.put("tie_word_embeddings", config.tieWordEmbeddings());
    actual.put("max_position_embeddings", config.maxPositionEmbeddings());
    actual.put("initializer_range", config.initializerRange());
    actual.put("num_layers", config.numLayers());
    actual.put(
        "sliding_windows", config.layers().stream().map(LayerConfig::slidingWindow).toList());
    expected.put(
        "sliding_windows", layers(golden).stream().map(l -> l.get("sliding_window")).toList());
    actual.forEach((key, value) -> assertSameValue(expected.get(key), value, key));
  }

  private static void assertSameValue(Object expected, Object actual, String key) {
    if (expected instanceof Number number && actual instanceof Double value) {
      assertEquals(number.doubleValue(), value, 1e-15 * Math.abs(value), key);
    } else {
      assertEquals(expected, actual, key);
    }
  }

  @SuppressWarnings("unchecked") // the golden file's own structure
  private static List<Map<String, Object>> layers(ConfigCase golden) {
    return (List<Map<String, Object>>) golden.expected().get("layers");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasTransformersTokenIdsAndLabels(ConfigCase golden) {
    ModelConfig config = golden.read();
    Map<String, Object> expected = golden.expected();
    assertEquals(id(expected.get("bos_token_id")), config.bosTokenId());
    assertEquals(id(expected.get("pad_token_id")), config.padTokenId());
    Object eos = expected.get("eos_token_id");
    List<?> eosIds = eos instanceof List<?> list ? list : eos == null ? List.of() : List.of(eos);
    assertEquals(eosIds, config.eosTokenIds());
    assertEquals(expected.get("num_labels"), config.numLabels());
    assertEquals(expected.get("labels"), config.labels());
    assertEquals(expected.get("architecture"), config.family().classifierClass());
  }

  /** transformers keeps the -1 that some files write for "none", and no token has that id. */
  private static OptionalInt id(Object value) {
    return value instanceof Integer id && id >= 0 ? OptionalInt.of(id) : OptionalInt.empty();
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void printsEveryGoldenConfigByteForByte(String model) throws IOException {
    String text = Files.readString(TestResources.GOLDEN.resolve(model).resolve("config.json"));
    ModelConfig.read(TestResources.GOLDEN.resolve(model)).write(folder);
    assertEquals(text.strip(), Files.readString(folder.resolve("config.json")).strip());
  }

  @Test
  void bothSpellingsOfDtypeAreRead() {
    assertEquals(Optional.of("bfloat16"), llama("\"torch_dtype\": \"bfloat16\"").dtype());
    assertEquals(Optional.of("float32"), llama("\"dtype\": \"float32\"").dtype());
    assertEquals(Optional.empty(), llama("\"dtype\": null").dtype());
  }

  @Test
  void aClassifierHasOneRegressionLabelAndKeepsUnknownKeys() {
    ModelConfig config =
        llama(
            """
            "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16", "num_labels": 2,
            "auto_map": {"AutoModel": "x.Y"}, "made_up": [1, {"a": null}]""");
    ModelConfig classifier = config.asClassifier(1, 7, 32001, DType.F32);
    assertEquals(List.of("LlamaForSequenceClassification"), classifier.architectures());
    assertEquals(List.of("LABEL_0"), classifier.labels());
    assertEquals(Optional.of("regression"), classifier.problemType());
    assertEquals(OptionalInt.of(7), classifier.padTokenId());
    assertEquals(32001, classifier.transformer().vocabSize());
    assertEquals("float32", classifier.json().get("dtype"));
    assertEquals("float32", classifier.json().get("torch_dtype"));
    assertEquals(config.json().get("made_up"), classifier.json().get("made_up"));
    assertTrue(!classifier.json().containsKey("auto_map"), "custom code is for another class");
  }

  @Test
  void overridesReplaceKeysAndCutLayerTypes() {
    ModelConfig config = ModelConfig.read(TestResources.GOLDEN.resolve("gemma3"));
    ModelConfig small = config.withOverrides(Map.of("num_hidden_layers", 2));
    assertEquals(config.transformer().layers().subList(0, 2), small.transformer().layers());
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class, () -> config.withOverrides(Map.of("num_layers", 2)));
    assertTrue(e.getMessage().contains("\"num_layers\""), e.getMessage());
    assertTrue(e.getMessage().contains("num_hidden_layers"), e.getMessage());
  }

  private static ModelConfig llama(String keys) {
    return ModelConfig.parse("{\"model_type\": \"llama\", " + keys + "}", "config.json");
  }

  /** JSON of a whole file, and what the refusal must name. */
  static List<List<String>> refused() {
    List<List<String>> cases = new ArrayList<>();
    for (String type : List.of("mixtral", "qwen3_moe", "gemma3", "gpt2", "ministral", "phi3")) {
      cases.add(List.of("{'model_type': '" + type + "'}", "model_type: \"" + type + "\""));
    }
    cases.add(List.of("{}", "model_type: is missing"));
    cases.add(List.of("[]", "expected a JSON object"));
    cases.add(List.of("{'model_type': 'llama', 'model_type': 'llama'}", "stands twice"));
    cases.add(List.of("{'model_type': 'llama'} {}", "after the JSON object"));
    for (String type : List.of("dynamic", "yarn", "longrope", "mrope", "proportional")) {
      cases.add(llamaCase("'rope_scaling': {'type': '" + type + "', 'factor': 2}", type));
      cases.add(llamaCase("'rope_parameters': {'rope_type': '" + type + "'}", type));
    }
    cases.add(llamaCase("'rope_scaling': {'type': 'linear'}", "rope_scaling.factor: is missing"));
    cases.add(llamaCase("'rope_scaling': 3", "rope_scaling: expected an object"));
    cases.add(llamaCase("'rope_theta': 0", "rope_theta: expected a number over 0"));
    cases.add(llamaCase("'partial_rotary_factor': 0.5", "partial_rotary_factor"));
    cases.add(llamaCase("'quantization_config': {'bits': 4}", "quantization_config"));
    cases.add(llamaCase("'num_local_experts': 8", "num_local_experts"));
    cases.add(llamaCase("'is_encoder_decoder': true", "is_encoder_decoder"));
    cases.add(llamaCase("'hidden_act': 'relu'", "hidden_act: \"relu\""));
    cases.add(llamaCase("'hidden_act': 'gelu'", "hidden_act: \"gelu\""));
    cases.add(llamaCase("'hidden_size': '4096'", "hidden_size: expected a whole number"));
    cases.add(llamaCase("'hidden_size': 4096.0", "hidden_size: expected a whole number"));
    cases.add(llamaCase("'hidden_size': -1", "hidden_size: expected a whole number"));
    cases.add(llamaCase("'hidden_size': 100", "not a multiple of 32 heads"));
    cases.add(llamaCase("'num_hidden_layers': 2000000000", "num_hidden_layers"));
    cases.add(llamaCase("'num_key_value_heads': 5", "num_key_value_heads: 5 does not divide"));
    cases.add(llamaCase("'head_dim': 7", "head_dim: 7 is odd"));
    cases.add(llamaCase("'rms_norm_eps': 1e400", "too large"));
    cases.add(llamaCase("'id2label': {'0': 'a'}, 'num_labels': 2", "num_labels: 2"));
    cases.add(llamaCase("'id2label': {'1': 'a'}", "id2label.0: is missing"));
    cases.add(llamaCase("'eos_token_id': 'x'", "eos_token_id: expected a list"));
    cases.add(List.of("{'model_type': 'mistral', 'layer_types': []}", "layer_types"));
    cases.add(
        List.of("{'model_type': 'gemma', 'use_bidirectional_attention': true}", "bidirectional"));
    cases.add(List.of("{'model_type': 'gemma2', 'sliding_window': null}", "sliding_window"));
    cases.add(List.of("{'model_type': 'gemma2', 'hidden_activation': 'gelu'}", "\"gelu\""));
    cases.add(
        List.of("{'model_type': 'gemma3_text', 'attn_logit_softcapping': 50}", "softcapping"));
    cases.add(
        List.of("{'model_type': 'gemma3_text', 'rope_parameters': {'rope_theta': 1}}", "rope_th"));
    cases.add(
        List.of(
            "{'model_type': 'qwen3', 'rope_parameters': {'full_attention': {}}}",
            "rope_parameters.full_attention"));
    cases.add(
        List.of("{'model_type': 'qwen2', 'layer_types': ['full_attention']}", "has 1 entries"));
    cases.add(
        List.of(
            "{'model_type': 'qwen2', 'num_hidden_layers': 1, 'layer_types': ['chunked']}",
            "\"chunked\""));
    cases.add(
        List.of(
            "{'model_type': 'qwen2', 'num_hidden_layers': 1, 'layer_types': ['sliding_attention']}",
            "use_sliding_window"));
    return cases;
  }

  private static List<String> llamaCase(String keys, String named) {
    return List.of("{'model_type': 'llama', " + keys + "}", named);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void unsupportedOrMalformedConfigsAreRefusedByName(List<String> jsonAndNamed) {
    String json = jsonAndNamed.getFirst().replace('\'', '"');
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> ModelConfig.parse(json, "config.json"));
    assertTrue(e.getMessage().startsWith("config.json: "), e.getMessage());
    assertTrue(e.getMessage().contains(jsonAndNamed.getLast()), e.getMessage());
  }

  @Test
  void aFolderWithoutConfigIsAnError() {
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> ModelConfig.read(folder));
    assertTrue(e.getMessage().contains(folder + ": has no config.json"), e.getMessage());
  }
}
