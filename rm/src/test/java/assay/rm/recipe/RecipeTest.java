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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

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

  private static final String EVERY_KEY =
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
        unlabelled: u.jsonl
        pseudo_labels: {model: runs/before/model, confidence: 0.9}
        augmentation: rrm
        augmentation_ratio: 0.5
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
      """;

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
                Optional.empty(),
                List.of(),
                new Recipe.PseudoLabels(Optional.empty(), 0.8),
                Recipe.Augmentation.NONE,
                1.0),
            new Recipe.Pairwise(Recipe.PairwiseLoss.ANSWER, List.of()),
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
            new Distributed(0, Recipe.Reduction.FIXED),
            Precision.FP32,
            Optional.empty());
    assertEquals(expected, parse(SMALLEST));
  }

  @Test
  void everyKeyCanBeGiven() {
    Recipe recipe = parse(EVERY_KEY);
    assertEquals(Init.RANDOM, recipe.init());
    assertEquals(2L, recipe.modelOverrides().get("num_hidden_layers"));
    assertEquals(Map.of("factor", 8.5), recipe.modelOverrides().get("rope_scaling"));
    assertTrue(recipe.modelOverrides().containsKey("x"));
    assertEquals(Method.PAIRWISE_PREFERENCE, recipe.method());
    assertEquals(List.of("a.jsonl"), recipe.data().train());
    assertEquals(TooLong.TRUNCATE_LEFT, recipe.data().tooLong());
    assertEquals(Optional.of(LocalDate.of(2026, 1, 31)), recipe.data().templateDate());
    assertEquals(List.of("u.jsonl"), recipe.data().unlabelled());
    assertEquals(Optional.of("runs/before/model"), recipe.data().pseudoLabels().model());
    assertEquals(0.9, recipe.data().pseudoLabels().confidence());
    assertEquals(Recipe.Augmentation.RRM, recipe.data().augmentation());
    assertEquals(0.5, recipe.data().augmentationRatio());
    assertEquals(1e-5, recipe.training().learningRate());
    assertEquals(0.95, recipe.training().beta2());
    assertEquals(-7, recipe.training().seed());
    assertEquals(3, recipe.distributed().zeroStage());
    assertEquals(recipe, parse(recipe.toYaml()));
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
  void emptyOverrideTakesAValueAway() {
    String yaml = SMALLEST + "  eval: [c.jsonl]\n";
    assertEquals(List.of(), parse(yaml, "data.eval=").data().eval());
    assertEquals("recipe.yaml: model: is required and missing", errorOf(yaml, "model="));
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
          unlabelled: []
          pseudo_labels: {model: null, confidence: 0.8}
          augmentation: none
          augmentation_ratio: 1.0
        pairwise:
          loss: answer
          answer_tokens: []
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
  void theRecipesOfTheProjectAreWellFormedAndSupported() throws IOException {
    Path recipes = Path.of(System.getProperty("assay.test-resources")).resolveSibling("recipes");
    Set<Method> methods = EnumSet.noneOf(Method.class);
    try (Stream<Path> files = Files.list(recipes)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        Recipe recipe = Recipe.read(file, List.of());
        Supported.check(file.toString(), recipe);
        methods.add(recipe.method());
      }
    }
    assertEquals(EnumSet.allOf(Method.class), methods);
  }
}
