package assay.rm.recipe;

import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether a run may go on by another recipe than it began with. */
public final class RecipeChange {
  private RecipeChange() {}

  /**
   * Compares a recipe with the one that a run began with. Where and how to compute may change, and
   * what is logged and kept; what is computed may not.
   *
   * @param began recipe.yaml in the run's folder
   * @throws InvalidInputException naming the first key that differs
   */
  public static void check(Path began, Recipe now) {
    Recipe.Training training = now.training();
    List<String> mayChange = new ArrayList<>();
    mayChange.add("output='" + now.output().toString().replace("'", "''") + "'");
    mayChange.add("device=" + now.device());
    mayChange.add("save_dtype=" + text(now.saveDtype()));
    mayChange.add("training.precision=" + text(training.precision()));
    mayChange.add("training.micro_batch_tokens=" + training.microBatchTokens());
    mayChange.add("training.gradient_checkpointing=" + training.gradientCheckpointing());
    mayChange.add("training.log_every=" + training.logEvery());
    mayChange.add("training.save_every=" + training.saveEvery());
    mayChange.add("training.keep_checkpoints=" + training.keepCheckpoints());
    mayChange.add("distributed.zero_stage=" + now.distributed().zeroStage());
    mayChange.add("distributed.reduction=" + text(now.distributed().reduction()));
    List<String> before = Recipe.read(began, mayChange).toYaml().lines().toList();
    List<String> after = now.toYaml().lines().toList();
    for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
      String old = i < before.size() ? before.get(i).strip() : "nothing";
      String changed = i < after.size() ? after.get(i).strip() : "nothing";
      if (!old.equals(changed)) {
        throw new InvalidInputException(
            "--resume: the run began with '%s', the recipe now says '%s' (%s has the whole of it);"
                    .formatted(old, changed, began)
                + " a run goes on as it began, so change it back or begin another");
      }
    }
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
