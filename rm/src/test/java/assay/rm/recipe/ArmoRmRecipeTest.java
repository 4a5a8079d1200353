package assay.rm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The section {@code armorm} of a recipe. */
class ArmoRmRecipeTest {
  private static final String SMALLEST =
      """
      model: start
      method: armorm
      output: runs/one
      data: {train: pairs.jsonl}
      armorm:
        data: rated.jsonl
        attributes: [helpfulness, verbosity]
      """;

  private static ArmoRmOptions parse(String yaml, String... overrides) {
    return Recipe.parse("recipe.yaml", yaml, List.of(overrides)).armorm().orElseThrow();
  }

  private static String errorOf(String... overrides) {
    return assertThrows(InvalidInputException.class, () -> parse(SMALLEST, overrides)).getMessage();
  }

  @Test
  void defaultsAreThePublishedOnes() {
    assertEquals(
        new ArmoRmOptions(
            List.of("rated.jsonl"),
            List.of("helpfulness", "verbosity"),
            0.2,
            List.of(1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3, 1e4),
            Optional.empty(),
            0.03,
            Optional.empty(),
            1024,
            3,
            10,
            List.of(),
            1,
            0.2),
        parse(SMALLEST));
  }

  @Test
  void everyKeyCanBeGiven() {
    ArmoRmOptions expected =
        new ArmoRmOptions(
            List.of("a.jsonl", "b.jsonl"),
            List.of("helpfulness", "verbosity"),
            0.1,
            List.of(1.0, 10.0),
            Optional.of("verbosity"),
            0.02,
            Optional.of(Path.of("cache")),
            64,
            2,
            5,
            List.of(9, 6, 191),
            0.5,
            0);
    String yaml =
        SMALLEST.replace(
            "data: rated.jsonl",
            """
            data: [a.jsonl, b.jsonl]
              held_out_fraction: 0.1
              alphas: [1, 10]
              verbosity: verbosity
              max_correlation: 0.02
              embeddings: cache
              gating_hidden_dim: 64
              gating_n_hidden: 2
              gating_temperature: 5
              gating_token_pattern: [9, 6, 191]
              logit_scale: 0.5
              dropout: 0""");
    assertEquals(expected, parse(yaml));
  }

  @Test
  void aRecipeWrittenOutIsReadAgain() {
    Recipe recipe = Recipe.parse("recipe.yaml", SMALLEST, List.of("armorm.verbosity=verbosity"));
    assertEquals(recipe, Recipe.parse("again", recipe.toYaml(), List.of()));
  }

  @Test
  void anotherMethodsRecipeHasNoSuchSection() {
    String message = errorOf("method=bradley-terry");
    assertTrue(message.contains("armorm: unknown key"), message);
  }

  @Test
  void mistakesAreNamedWithTheirKeys() {
    assertTrue(errorOf("armorm.verbosity=length").contains("expected one of armorm.attributes"));
    assertTrue(errorOf("armorm.attributes=[a, a]").contains("names one of them twice"));
    assertTrue(errorOf("armorm.alphas=[]").contains("expected a list of numbers"));
    assertTrue(errorOf("armorm.gating_token_pattern=[a]").contains("a list of whole numbers"));
    assertTrue(errorOf("armorm.dropout=1").contains("armorm.dropout"));
    assertTrue(errorOf("armorm.atributes=[a]").contains("did you mean 'attributes'?"));
  }
}
