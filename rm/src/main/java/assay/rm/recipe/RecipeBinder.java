package assay.rm.recipe;

import assay.rm.recipe.Recipe.Augmentation;
import assay.rm.recipe.Recipe.Compat;
import assay.rm.recipe.Recipe.Data;
import assay.rm.recipe.Recipe.Distributed;
import assay.rm.recipe.Recipe.Init;
import assay.rm.recipe.Recipe.Method;
import assay.rm.recipe.Recipe.Pairwise;
import assay.rm.recipe.Recipe.PairwiseLoss;
import assay.rm.recipe.Recipe.Precision;
import assay.rm.recipe.Recipe.PseudoLabels;
import assay.rm.recipe.Recipe.Reduction;
import assay.rm.recipe.Recipe.Schedule;
import assay.rm.recipe.Recipe.TooLong;
import assay.rm.recipe.Recipe.Training;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;

/** Every key of a recipe, with its default and its range: one line each. */
final class RecipeBinder {
  private static final Pattern DEVICE = Pattern.compile("cpu|cuda(:\\d{1,3})?");

  private RecipeBinder() {}

  /**
   * @param root the document, with its overrides; null if it is empty
   */
  static Recipe bind(String name, Node root) {
    Problems problems = new Problems(name);
    Fields fields = Fields.root(root, problems);
    Fields data = fields.section("data");
    Fields pairwise = fields.section("pairwise");
    Fields training = fields.section("training");
    Method method = fields.choice("method", Method.BRADLEY_TERRY);
    Recipe recipe =
        new Recipe(
            fields.requiredText("model"),
            fields.choice("init", Init.CHECKPOINT),
            fields.freeForm("model_overrides"),
            method,
            fields.choice("compat", Compat.NONE),
            output(fields),
            device(fields),
            data(data),
            pairwise(pairwise),
            training(training),
            distributed(fields.section("distributed")),
            fields.choice("save_dtype", Precision.FP32),
            options(method, fields));
    checkEvaluation(training, recipe);
    checkPairwise(data, pairwise, recipe);
    fields.reportUnknown();
    problems.throwIfAny();
    return recipe;
  }

  private static Data data(Fields fields) {
    List<String> unlabelled = fields.texts("unlabelled");
    Data data =
        new Data(
            fields.requiredTexts("train"),
            fields.texts("eval"),
            fields.number("eval_fraction", 0.0, Range.fromToBelow(0, 1)),
            fields.count("max_length", 4096, 1),
            fields.choice("too_long", TooLong.DROP),
            fields.flag("shuffle", true),
            fields.flag("share_prompts", true),
            templateDate(fields),
            unlabelled,
            pseudoLabels(fields, !unlabelled.isEmpty()),
            fields.choice("augmentation", Augmentation.NONE),
            fields.number("augmentation_ratio", 1.0, Range.between(0, 14)));
    if (data.augmentation() == Augmentation.NONE && data.augmentationRatio() != 1) {
      fields.problem("augmentation_ratio", "there is no augmentation; give data.augmentation: rrm");
    }
    if (!data.eval().isEmpty() && data.evalFraction() > 0) {
      fields.problem(
          "eval_fraction", "conflicts with data.eval: hold pairs out or name files, not both");
    }
    return data;
  }

  /** A labeller and something to label come together. */
  private static PseudoLabels pseudoLabels(Fields data, boolean hasUnlabelled) {
    Fields fields = data.section("pseudo_labels");
    String model = fields.text("model", "");
    if (hasUnlabelled && model.isEmpty()) {
      fields.problem("model", "is required with data.unlabelled: the reward model that labels");
    }
    if (!hasUnlabelled && !model.isEmpty()) {
      fields.problem("model", "there is nothing to label; give data.unlabelled");
    }
    return new PseudoLabels(
        Optional.of(model).filter(text -> !text.isEmpty()),
        fields.number("confidence", 0.8, Range.fromToBelow(0.5, 1)));
  }

  private static Pairwise pairwise(Fields fields) {
    Pairwise pairwise =
        new Pairwise(fields.choice("loss", PairwiseLoss.ANSWER), fields.texts("answer_tokens"));
    int numTokens = pairwise.answerTokens().size();
    if (numTokens != 0 && numTokens != 2) {
      fields.problem("answer_tokens", "expected two tokens, such as [A, B], found " + numTokens);
    }
    return pairwise;
  }

  private static Training training(Fields fields) {
    double[] betas = fields.numbers("betas", new double[] {0.9, 0.999}, Range.fromToBelow(0, 1));
    Training training =
        new Training(
            fields.count("epochs", 1, 1),
            fields.count("max_steps", 0, 0),
            fields.count("batch_size", 64, 1),
            fields.count("micro_batch_tokens", 8192, 1),
            fields.number("learning_rate", 2.0e-6, Range.atLeast(0)),
            fields.number("weight_decay", 0.001, Range.atLeast(0)),
            betas[0],
            betas[1],
            fields.number("eps", 1.0e-8, Range.atLeast(0)),
            fields.choice("schedule", Schedule.COSINE),
            fields.count("warmup_steps", 0, 0),
            fields.number("warmup_ratio", 0.0, Range.between(0, 1)),
            fields.number("clip_grad_norm", 1.0, Range.atLeast(0)),
            fields.flag("gradient_checkpointing", true),
            fields.choice("precision", Precision.FP32),
            fields.number("center_rewards_coefficient", 0.0, Range.atLeast(0)),
            fields.wholeNumber("seed", 42, Range.any()),
            fields.count("log_every", 1, 1),
            fields.count("eval_every", 0, 0),
            fields.count("save_every", 0, 0),
            fields.count("keep_checkpoints", 2, 1));
    if (training.warmupSteps() > 0 && training.warmupRatio() > 0) {
      fields.problem(
          "warmup_ratio", "conflicts with training.warmup_steps: give the one or the other");
    }
    return training;
  }

  /** The section that has the method's name. */
  private static Optional<MethodOptions> options(Method method, Fields fields) {
    return switch (method) {
      case BRADLEY_TERRY, PAIRWISE_PREFERENCE -> Optional.empty();
      case ARMORM -> Optional.of(armorm(fields.section("armorm")));
      case ODIN -> Optional.of(odin(fields.section("odin")));
      case REGRESSION -> Optional.of(regression(fields.section("regression")));
      case PROCESS_REWARD ->
          Optional.of(
              new StepOptions(fields.section("steps").choice("reward", StepOptions.Over.MEAN)));
      case DECISION_TREE -> Optional.of(decisionTree(fields.section("decision_tree")));
      case OUTCOME_REWARD -> Optional.of(new StepOptions(StepOptions.Over.MEAN));
    };
  }

  private static OdinOptions odin(Fields fields) {
    return new OdinOptions(
        fields.number("length_weight", 1, Range.atLeast(0)),
        fields.number("orthogonality_weight", 0, Range.atLeast(0)));
  }

  private static DecisionTreeOptions decisionTree(Fields fields) {
    int folds = (int) fields.wholeNumber("folds", 5, Range.between(0, 100));
    if (folds == 1) {
      fields.problem("folds", "one part leaves nothing to fit to; expected 0, or 2 to 100");
    }
    return new DecisionTreeOptions(
        (int) fields.wholeNumber("max_depth", 5, Range.between(1, 20)),
        fields.count("min_samples_leaf", 20, 1),
        folds);
  }

  /** Attributes count alike, unless weights say otherwise. */
  private static RegressionOptions regression(Fields fields) {
    List<String> attributes = attributes(fields);
    int count = attributes.size();
    List<Double> alike = Collections.nCopies(count, 1.0 / Math.max(1, count));
    List<Double> weights = fields.numberList("weights", alike, Range.any());
    if (weights.size() != count) {
      fields.problem(
          "weights",
          "expected a number for each attribute: %d, not %d".formatted(count, weights.size()));
    }
    return new RegressionOptions(attributes, weights);
  }

  private static List<String> attributes(Fields fields) {
    List<String> attributes = fields.requiredTexts("attributes");
    if (new HashSet<>(attributes).size() < attributes.size()) {
      fields.problem("attributes", "names one of them twice");
    }
    return attributes;
  }

  private static ArmoRmOptions armorm(Fields fields) {
    List<String> attributes = attributes(fields);
    String verbosity = fields.text("verbosity", "");
    if (!verbosity.isEmpty() && !attributes.contains(verbosity)) {
      fields.problem("verbosity", "expected one of armorm.attributes, found '" + verbosity + "'");
    }
    return new ArmoRmOptions(
        fields.requiredTexts("data"),
        attributes,
        fields.number("held_out_fraction", 0.2, Range.fromToBelow(0.001, 1)),
        fields.numberList("alphas", ArmoRmOptions.ALPHAS, Range.atLeast(0)),
        Optional.of(verbosity).filter(text -> !text.isEmpty()),
        fields.number("max_correlation", 0.03, Range.between(-1, 1)),
        path(fields, "embeddings", fields.text("embeddings", "")),
        fields.count("gating_hidden_dim", 1024, 1),
        fields.count("gating_n_hidden", 3, 1),
        fields.number("gating_temperature", 10, Range.atLeast(1e-6)),
        fields.wholeNumbers("gating_token_pattern"),
        fields.number("logit_scale", 1, Range.any()),
        fields.number("dropout", 0.2, Range.fromToBelow(0, 1)));
  }

  private static Distributed distributed(Fields fields) {
    return new Distributed(
        (int) fields.wholeNumber("zero_stage", 0, Range.between(0, 3)),
        fields.choice("reduction", Reduction.FIXED));
  }

  /** Evaluations that were asked for need something to evaluate on. */
  private static void checkEvaluation(Fields training, Recipe recipe) {
    Data data = recipe.data();
    boolean hasEvaluationData = !data.eval().isEmpty() || data.evalFraction() > 0;
    if (recipe.training().evalEvery() > 0 && !hasEvaluationData) {
      training.problem(
          "eval_every", "there is nothing to evaluate on; give data.eval or data.eval_fraction");
    }
  }

  /** A comparison is read at its last token, and upstream's place for it opens no turn. */
  private static void checkPairwise(Fields data, Fields pairwise, Recipe recipe) {
    if (recipe.method() != Method.PAIRWISE_PREFERENCE) {
      return;
    }
    if (recipe.data().tooLong() == TooLong.TRUNCATE_RIGHT) {
      data.problem(
          "too_long",
          "truncate-right would cut off the place where a comparison is read; use drop or"
              + " truncate-left");
    }
    if (recipe.compat() == Compat.RLHFLOW && recipe.pairwise().loss() == PairwiseLoss.ASSISTANT) {
      pairwise.problem(
          "loss",
          "assistant needs the header of the assistant's turn, after which compat: rlhflow does"
              + " not read; use answer");
    }
  }

  private static Path output(Fields fields) {
    return path(fields, "output", fields.requiredText("output")).orElse(Path.of(""));
  }

  /** Empty where there is no text, or it is no path. */
  private static Optional<Path> path(Fields fields, String key, String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      fields.problem(key, "is not a path: " + e.getReason());
      return Optional.empty();
    }
  }

  private static String device(Fields fields) {
    String device = fields.text("device", "cpu");
    if (!DEVICE.matcher(device).matches()) {
      fields.problem("device", "expected cpu, cuda or cuda:<index>, found '" + device + "'");
    }
    return device;
  }

  private static Optional<LocalDate> templateDate(Fields fields) {
    String text = fields.text("template_date", "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(LocalDate.parse(text));
    } catch (DateTimeException e) {
      fields.problem("template_date", "expected a date as 2026-01-31, found '" + text + "'");
      return Optional.empty();
    }
  }
}
