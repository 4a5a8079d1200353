package assay.rm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe.Compat;
import assay.rm.recipe.Recipe.Data;
import assay.rm.recipe.Recipe.Distributed;
import assay.rm.recipe.Recipe.Init;
import assay.rm.recipe.Recipe.Method;
import assay.rm.recipe.Recipe.Precision;
import assay.rm.recipe.Recipe.Schedule;
import assay.rm.recipe.Recipe.TooLong;
import assay.rm.recipe.Recipe.Training;
import assay.tensor.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeTest {
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
  void defaultsAreTheDocumentedOnes() {
    Recipe expected =
        new Recipe(
            "start",
            Init.CHECKPOINT,
            Map.of(),
            Method.BRADLEY_TERRY,
            Compat.NONE,
            Path.of("runs/one"),
            "cpu",
            new Data(
                List.of("a.jsonl", "b/*.parquet"),
                List.of(),
                0.0,
                4096,
                TooLong.DROP,
                true,
                true,
                Optional.empty()),
            new Training(
                1,
                0,
                64,
                8192,
                2.0e-6,
                0.001,
                0.9,
                0.999,
                1.0e-8,
                Schedule.COSINE,
                0,
                0.0,
                1.0,
                true,
                Precision.FP32,
                0.0,
                42,
                1,
                0,
                0,
                2),
            new Distributed(0),
            Precision.FP32);
    assertEquals(expected, parse(SMALLEST));
  }

  @Test
  void everyKeyCanBeGiven() {
    Recipe recipe =
        parse(
            """
            model: start
            init: random
            model_overrides: {num_hidden_layers: 2, rope_scaling: {factor: 8.5}, tie: false, x: null}
            method: pairwise-preference
            compat: rlhflow
            output: runs/one
            device: cuda:1
            data:
              train: a.jsonl
              eval: [c.jsonl]
              max_length: 512
              too_long: truncate-left
              shuffle: false
              share_prompts: false
              template_date: 2026-01-31
            training:
              epochs: 3
              max_steps: 10
              batch_size: 8
              micro_batch_tokens: 100
              learning_rate: 1e-5
              weight_decay: 0
              betas: [0.8, 0.95]
              eps: 1.0e-6
              schedule: linear
              warmup_ratio: 0.03
              clip_grad_norm: 0.5
              gradient_checkpointing: false
              precision: bf16
              center_rewards_coefficient: 0.01
              seed: -7
              log_every: 5
              eval_every: 20
              save_every: 30
              keep_checkpoints: 4
            distributed: {zero_stage: 3}
            save_dtype: bf16
            """);
    assertEquals(Init.RANDOM, recipe.init());
    assertEquals(2L, recipe.modelOverrides().get("num_hidden_layers"));
    assertEquals(Map.of("factor", 8.5), recipe.modelOverrides().get("rope_scaling"));
    assertTrue(recipe.modelOverrides().containsKey("x"));
    assertEquals(Method.PAIRWISE_PREFERENCE, recipe.method());
    assertEquals(List.of("a.jsonl"), recipe.data().train());
    assertEquals(TooLong.TRUNCATE_LEFT, recipe.data().tooLong());
    assertEquals(Optional.of(LocalDate.of(2026, 1, 31)), recipe.data().templateDate());
    assertEquals(1e-5, recipe.training().learningRate());
    assertEquals(0.95, recipe.training().beta2());
    assertEquals(-7, recipe.training().seed());
    assertEquals(3, recipe.distributed().zeroStage());
    assertEquals(recipe, parse(recipe.toYaml()));
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
        "recipe.yaml:5:15: distributed.gpus: unknown key; known here are zero_stage",
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
  void overridesReplaceAndAddValues() {
    Recipe recipe =
        parse(
            SMALLEST + "training: {epochs: 2}\n",
            "training.epochs=3",
            "training.learning_rate=1e-3",
            "data.train=[x.jsonl]",
            "model_overrides.num_hidden_layers=4",
            "distributed={zero_stage: 1}");
    assertEquals(3, recipe.training().epochs());
    assertEquals(1e-3, recipe.training().learningRate());
    assertEquals(List.of("x.jsonl"), recipe.data().train());
    assertEquals(Map.of("num_hidden_layers", 4L), recipe.modelOverrides());
    assertEquals(1, recipe.distributed().zeroStage());
  }

  @Test
  void overridesAloneMakeARecipe() {
    assertEquals(
        parse(SMALLEST),
        parse("", "model=start", "output=runs/one", "data.train=[a.jsonl, b/*.parquet]"));
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
  void emptyOverrideTakesAValueAway() {
    String yaml = SMALLEST + "  eval: [c.jsonl]\n";
    assertEquals(List.of(), parse(yaml, "data.eval=").data().eval());
    assertEquals("recipe.yaml: model: is required and missing", errorOf(yaml, "model="));
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
  void writtenRecipeShowsEveryDefault() {
    assertEquals(
        """
        model: start
        init: checkpoint
        model_overrides: {}
        method: bradley-terry
        compat: none
        output: runs/one
        device: cpu
        data:
          train: [a.jsonl, b/*.parquet]
          eval: []
          eval_fraction: 0.0
          max_length: 4096
          too_long: drop
          shuffle: true
          share_prompts: true
          template_date: null
        training:
          epochs: 1
          max_steps: 0
          batch_size: 64
          micro_batch_tokens: 8192
          learning_rate: 2.0E-6
          weight_decay: 0.001
          betas: [0.9, 0.999]
          eps: 1.0E-8
          schedule: cosine
          warmup_steps: 0
          warmup_ratio: 0.0
          clip_grad_norm: 1.0
          gradient_checkpointing: true
          precision: fp32
          center_rewards_coefficient: 0.0
          seed: 42
          log_every: 1
          eval_every: 0
          save_every: 0
          keep_checkpoints: 2
        distributed: {zero_stage: 0}
        save_dtype: fp32
        """,
        parse(SMALLEST).toYaml());
  }

  @Test
  void warmupRatioRoundsUpAsTransformersDoes() {
    Training ratio = parse(withTraining("warmup_ratio: 0.03")).training();
    assertEquals(4, ratio.warmup(101));
    Training steps = parse(withTraining("warmup_steps: 7")).training();
    assertEquals(7, steps.warmup(101));
  }

  @Test
  void recipeBeyondThisVersionIsRefusedWithOneLineForEachValue() {
    Supported.check("recipe.yaml", parse(SMALLEST));
    Recipe beyond =
        parse(
            SMALLEST,
            "method=armorm",
            "training.precision=bf16",
            "distributed.zero_stage=2",
            "compat=rlhflow");
    assertEquals(
        """
        recipe.yaml: method: armorm is not supported yet; use bradley-terry
        recipe.yaml: compat: rlhflow is not supported yet; use none
        recipe.yaml: training.precision on the cpu: bf16 is not supported yet; use fp32
        recipe.yaml: distributed.zero_stage: 2 is not supported yet; use 0""",
        assertThrows(InvalidInputException.class, () -> Supported.check("recipe.yaml", beyond))
            .getMessage());
  }
}
