package assay.rm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered to a recipe that cannot be used. */
class RecipeErrorsTest {
  private static final String SMALLEST =
      """
      model: start
      output: runs/one
      data:
        train: [a.jsonl, "b/*.parquet"]
      """;

  private static Recipe parse(String yaml, String... overrides) {
    return Recipe.parse("recipe.yaml", yaml, List.of(overrides));
  }

  private static String errorOf(String yaml, String... overrides) {
    return assertThrows(InvalidInputException.class, () -> parse(yaml, overrides)).getMessage();
  }

  private static String withTraining(String line) {
    return SMALLEST + "training:\n  " + line + "\n";
  }

  @Test
  void unknownKeyIsNamedWithItsPlaceAndTheKeyThatWasMeant() {
    String yaml =
        """
        model: start
        output: runs/one
        data:
          train: [a.jsonl]
        training:
          weigth_decay: 0.1
        """;
    assertEquals(
        "recipe.yaml:6:3: training.weigth_decay: unknown key; did you mean 'weight_decay'?",
        errorOf(yaml));
  }

  @Test
  void unknownKeyThatBelongsToAnotherSectionIsSentThere() {
    assertEquals(
        "recipe.yaml:5:1: batch_size: unknown key; did you mean 'training.batch_size'?",
        errorOf(SMALLEST + "batch_size: 8\n"));
  }

  @Test
  void unknownKeyThatResemblesNothingGetsTheListOfKeys() {
    assertEquals(
        "recipe.yaml:5:15: distributed.gpus: unknown key; known here are zero_stage, reduction",
        errorOf(SMALLEST + "distributed: {gpus: 8}\n"));
  }

  @Test
  void allMistakesAreShownInTheOrderOfTheirLines() {
    String message =
        errorOf(
            """
            output: 7
            data:
              train: []
              max_length: none
            training:
              batch_size: 0
              betas: [0.9]
            metod: bradley-terry
            """);
    assertEquals(
        """
        recipe.yaml:1:9: output: expected text (in quotes, if it is meant as text), found 7
        recipe.yaml:3:10: data.train: expected at least one text, found a list of length 0
        recipe.yaml:4:15: data.max_length: expected a whole number of at least 1, found the text 'none'
        recipe.yaml:6:15: training.batch_size: expected a whole number of at least 1, found 0
        recipe.yaml:7:10: training.betas: expected a list of 2 numbers of at least 0 and below 1, found a list of length 1
        recipe.yaml:8:1: metod: unknown key; did you mean 'method'?
        recipe.yaml: model: is required and missing""",
        message);
  }

  @Test
  void emptyRecipeMissesItsRequiredKeys() {
    assertEquals(
        """
        recipe.yaml: model: is required and missing
        recipe.yaml: output: is required and missing
        recipe.yaml: data.train: is required and missing""",
        errorOf(""));
  }

  @Test
  void wrongTypesAndRangesAreNamed() {
    assertEquals(
        "recipe.yaml:6:18: training.learning_rate: expected a number of at least 0, found -1.0",
        errorOf(withTraining("learning_rate: -1.0")));
    assertEquals(
        "recipe.yaml:6:18: training.learning_rate: expected a number of at least 0, found .nan",
        errorOf(withTraining("learning_rate: .nan")));
    assertEquals(
        "recipe.yaml:6:11: training.epochs: expected a whole number of at least 1, found 1.5",
        errorOf(withTraining("epochs: 1.5")));
    assertEquals(
        "recipe.yaml:6:11: training.epochs: expected a whole number from 1 to 2147483647, found"
            + " 3000000000",
        errorOf(withTraining("epochs: 3000000000")));
    assertEquals(
        "recipe.yaml:6:27: training.gradient_checkpointing: expected true or false, found the text"
            + " 'yes'",
        errorOf(withTraining("gradient_checkpointing: yes")));
    assertEquals(
        "recipe.yaml:6:13: training.schedule: expected one of cosine, linear, constant, found the"
            + " text 'cosin'; did you mean 'cosine'?",
        errorOf(withTraining("schedule: cosin")));
    assertEquals(
        "recipe.yaml:5:11: training: expected keys and values, found a list of length 2",
        errorOf(SMALLEST + "training: [1, 2]\n"));
    assertEquals(
        "recipe.yaml:5:9: device: expected cpu, cuda or cuda:<index>, found 'gpu'",
        errorOf(SMALLEST + "device: gpu\n"));
    assertEquals(
        "recipe.yaml:5:18: data.template_date: expected a date as 2026-01-31, found '31.1.2026'",
        errorOf(SMALLEST + "  template_date: 31.1.2026\n"));
  }

  @Test
  void keyGivenTwiceIsAnErrorThatNamesBothPlaces() {
    assertEquals(
        "recipe.yaml:5:1: model: is given twice; the first is at recipe.yaml:1:1",
        errorOf(SMALLEST + "model: other\n"));
  }

  @Test
  void keysOfWhichOnlyOneCanCountConflict() {
    assertEquals(
        "recipe.yaml:6:18: data.eval_fraction: conflicts with data.eval: hold pairs out or name"
            + " files, not both",
        errorOf(SMALLEST + "  eval: [c.jsonl]\n  eval_fraction: 0.1\n"));
    assertEquals(
        "recipe.yaml:7:17: training.warmup_ratio: conflicts with training.warmup_steps: give the"
            + " one or the other",
        errorOf(SMALLEST + "training:\n  warmup_steps: 5\n  warmup_ratio: 0.1\n"));
    assertEquals(
        "recipe.yaml:6:15: training.eval_every: there is nothing to evaluate on; give data.eval or"
            + " data.eval_fraction",
        errorOf(withTraining("eval_every: 5")));
  }

  @Test
  void errorInAnOverrideNamesTheOverride() {
    assertEquals(
        "--set training.weigth_decay=0.1: training.weigth_decay: unknown key; did you mean"
            + " 'weight_decay'?",
        errorOf(SMALLEST, "training.weigth_decay=0.1"));
    assertEquals(
        "--set training.epochs=two: training.epochs: expected a whole number of at least 1, found"
            + " the text 'two'",
        errorOf(SMALLEST, "training.epochs=two"));
    assertEquals(
        "--set training.epochs: expected key=value or key.sub=value",
        errorOf(SMALLEST, "training.epochs"));
    assertEquals("--set data..x=1: a part of the key is empty", errorOf(SMALLEST, "data..x=1"));
    assertEquals(
        "--set model.layers=1: there is no 'layers' in the text 'start'",
        errorOf(SMALLEST, "model.layers=1"));
    assertTrue(errorOf(SMALLEST, "model=[").startsWith("--set model=[: not valid YAML"));
  }

  @Test
  void brokenYamlIsShownAtItsPlace() {
    String message = errorOf("model: start\noutput: [runs\n");
    assertTrue(message.startsWith("recipe.yaml:3:1: not valid YAML"), message);
    String tabs = errorOf("model: start\ndata:\n\ttrain: a\n");
    assertTrue(tabs.startsWith("recipe.yaml:3:1: not valid YAML"), tabs);
    String two = errorOf("model: start\n---\nmodel: other\n");
    assertTrue(two.startsWith("recipe.yaml:2:1: not valid YAML"), two);
    String alias = errorOf(SMALLEST + "model_overrides: &a {x: *a}\n");
    assertTrue(alias.contains("model_overrides"), alias);
  }

  @Test
  void unreadableFilesAreNamed(@TempDir Path folder) throws Exception {
    Path missing = folder.resolve("none.yaml");
    InvalidInputException noFile =
        assertThrows(InvalidInputException.class, () -> Recipe.read(missing, List.of()));
    assertEquals(missing + ": no such file", noFile.getMessage());

    Path latin1 = folder.resolve("latin1.yaml");
    Files.write(latin1, "model: Müller".getBytes(StandardCharsets.ISO_8859_1));
    InvalidInputException notUtf8 =
        assertThrows(InvalidInputException.class, () -> Recipe.read(latin1, List.of()));
    assertTrue(notUtf8.getMessage().contains("is not UTF-8"), notUtf8.getMessage());
  }

  @Test
  void whatAMethodHasNoUseForIsRefused() {
    Recipe recipe =
        parse(SMALLEST, "method=pairwise-preference", "training.center_rewards_coefficient=0.01");
    String error =
        assertThrows(InvalidInputException.class, () -> Supported.check("recipe.yaml", recipe))
            .getMessage();
    assertTrue(error.contains("center_rewards_coefficient"), error);
  }

  @Test
  void recipeBeyondThisVersionIsRefusedWithOneLineForEachValue() {
    Supported.check("recipe.yaml", parse(SMALLEST));
    Recipe beyond = parse(SMALLEST, "training.precision=bf16", "compat=rlhflow");
    assertEquals(
        """
        recipe.yaml: compat: rlhflow is not supported yet; use none
        recipe.yaml: training.precision on the cpu: bf16 is not supported yet; use fp32""",
        assertThrows(InvalidInputException.class, () -> Supported.check("recipe.yaml", beyond))
            .getMessage());
  }

  @Test
  void unlabelledPairsNeedAModelThatLabelsThemAndTheReverse() {
    assertEquals(
        "recipe.yaml: data.pseudo_labels.model: is required with data.unlabelled: the reward model"
            + " that labels",
        errorOf(SMALLEST + "  unlabelled: u.jsonl\n"));
    assertEquals(
        "recipe.yaml:5:26: data.pseudo_labels.model: there is nothing to label; give"
            + " data.unlabelled",
        errorOf(SMALLEST + "  pseudo_labels: {model: m}\n"));
  }

  @Test
  void confidenceIsAtLeastAHalfAndBelowOne() {
    for (String confidence : new String[] {"0.49", "1", "1.5", "high"}) {
      String message =
          errorOf(
              SMALLEST
                  + "  unlabelled: u.jsonl\n  pseudo_labels: {model: m, confidence: %s}\n"
                      .formatted(confidence));
      assertTrue(
          message.startsWith(
              "recipe.yaml:6:41: data.pseudo_labels.confidence: expected a number of at least 0.5"
                  + " and below 1"),
          message);
    }
  }

  @Test
  void anAugmentationRatioNeedsAnAugmentation() {
    assertEquals(
        "recipe.yaml:5:23: data.augmentation_ratio: there is no augmentation; give"
            + " data.augmentation: rrm",
        errorOf(SMALLEST + "  augmentation_ratio: 2\n"));
    assertTrue(
        errorOf(SMALLEST + "  augmentation: rrm\n  augmentation_ratio: 15\n")
            .contains("expected a number from 0 to 14"));
  }
}
