package assay.rm.recipe;

import assay.rm.recipe.Recipe.Augmentation;
import assay.rm.recipe.Recipe.Compat;
import assay.rm.recipe.Recipe.Method;
import assay.rm.recipe.Recipe.Precision;
import assay.rm.recipe.Recipe.TooLong;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What this version can run, of all that a recipe can say. A value the recipe knows and the program
 * does not is refused here, before anything is loaded; to widen what is supported, add to a set.
 */
public final class Supported {
  private static final Set<String> DEVICES = Set.of("cpu", "cuda");
  private static final Set<Precision> PRECISIONS_ON_CPU = EnumSet.of(Precision.FP32);
  private static final Set<Precision> SAVE_DTYPES = EnumSet.of(Precision.FP32, Precision.BF16);

  private static final Set<Method> CENTERED =
      EnumSet.of(Method.BRADLEY_TERRY, Method.ODIN, Method.ARMORM);

  private Supported() {}

  /**
   * Refuses a recipe that this version cannot run.
   *
   * @param name the recipe's file, for the message
   * @throws InvalidInputException with one line for each value that is not supported yet
   */
  public static void check(String name, Recipe recipe) {
    List<String> problems = new ArrayList<>();
    oneOf(problems, "compat", recipe.compat(), compats(recipe.method()));
    oneOf(problems, "save_dtype", recipe.saveDtype(), SAVE_DTYPES);
    String kind = recipe.device().split(":", 2)[0];
    if (!DEVICES.contains(kind)) {
      problems.add("device: " + kind + " is not supported yet; use " + String.join(", ", DEVICES));
    }
    if (kind.equals("cpu")) {
      Precision precision = recipe.training().precision();
      oneOf(problems, "training.precision on the cpu", precision, PRECISIONS_ON_CPU);
    }
    boolean centered = recipe.training().centerRewardsCoefficient() != 0;
    if (centered && !CENTERED.contains(recipe.method())) {
      problems.add(
          "training.center_rewards_coefficient: this method has no rewards to center; use 0");
    }
    checkTexts(problems, recipe);
    if (recipe.distributed().zeroStage() > 0 && recipe.method() == Method.ARMORM) {
      problems.add(
          "distributed.zero_stage: an ArmoRM's trunk is not trained, and its gate is small; use 0");
    }
    checkSteps(problems, recipe);
    if (!problems.isEmpty()) {
      throw new InvalidInputException(
          problems.stream()
              .map(problem -> name + ": " + problem)
              .reduce((a, b) -> a + "\n" + b)
              .orElseThrow());
    }
  }

  /** What is fitted at once has no step after which to do something, and nothing to share. */
  private static void checkSteps(List<String> problems, Recipe recipe) {
    if (recipe.method().hasSteps()) {
      return;
    }
    if (recipe.training().evalEvery() > 0 || recipe.training().saveEvery() > 0) {
      problems.add(
          "training: eval_every and save_every count steps, and this method has none; use 0");
    }
    if (recipe.distributed().zeroStage() > 0) {
      problems.add("distributed.zero_stage: this method trains no weights to share; use 0");
    }
  }

  /** Methods that learn from labelled texts take nothing that is made of pairs. */
  private static void checkTexts(List<String> problems, Recipe recipe) {
    Recipe.Data data = recipe.data();
    boolean pairs = recipe.method().learnsFromPairsAlone() || recipe.method() == Method.ARMORM;
    boolean ofPairs = !data.unlabelled().isEmpty() || data.augmentation() != Augmentation.NONE;
    if (!pairs && ofPairs) {
      problems.add(
          "data: unlabelled and augmentation are of pairs, and this method learns from texts");
    }
    boolean steps =
        recipe.method() == Method.PROCESS_REWARD || recipe.method() == Method.OUTCOME_REWARD;
    boolean cut = data.tooLong() != TooLong.DROP && data.tooLong() != TooLong.ERROR;
    if (steps && cut) {
      problems.add("data.too_long: a cut answer lacks steps that were judged; use drop or error");
    }
  }

  private static Set<Compat> compats(Method method) {
    return switch (method) {
      case PAIRWISE_PREFERENCE, ARMORM -> EnumSet.allOf(Compat.class);
      case BRADLEY_TERRY, ODIN, REGRESSION, PROCESS_REWARD, OUTCOME_REWARD, DECISION_TREE ->
          EnumSet.of(Compat.NONE);
    };
  }

  private static <E extends Enum<E>> void oneOf(
      List<String> problems, String key, E value, Collection<E> supported) {
    if (!supported.contains(value)) {
      String others = String.join(", ", supported.stream().map(Fields::yamlName).toList());
      problems.add(key + ": " + Fields.yamlName(value) + " is not supported yet; use " + others);
    }
  }
}
