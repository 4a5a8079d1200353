package assay.nn.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** Where fixtures are. */
final class TestResources {
  static final Path GOLDEN = Path.of(System.getProperty("assay.test-resources"), "golden");

  /** The tiny models, one folder each. */
  static final List<String> MODELS =
      List.of(
          "llama",
          "llama3",
          "llama3-legacy-sharded-bf16",
          "mistral",
          "gemma",
          "gemma2",
          "gemma3",
          "qwen2",
          "qwen3");

  private TestResources() {}

  /** What transformers makes of config.json files: case by name. */
  static Map<String, ConfigCase> configCases() {
    try (Stream<String> lines = Files.lines(GOLDEN.resolve("configs/configs.json"))) {
      String text = lines.collect(Collectors.joining("\n"));
      ConfigCase[] cases = new JsonMapper().readValue(text, ConfigCase[].class);
      return Stream.of(cases).collect(Collectors.toMap(ConfigCase::name, c -> c));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /**
   * @param config the keys of a config.json
   * @param expected what the model built from it computes with
   */
  record ConfigCase(String name, Map<String, Object> config, Map<String, Object> expected) {
    ModelConfig read() {
      return ModelConfig.parse(JsonPrinter.print(config), name);
    }
  }
}
