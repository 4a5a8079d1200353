package assay.rm.data;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.util.List;

/**
 * The pairs of a run.
 *
 * @param eval empty where the recipe names nothing to evaluate on
 */
public record TrainingData(
    List<PreferencePair> train, List<PreferencePair> eval, DataReport report) {

  /**
   * Reads what the recipe names.
   *
   * @param reader what the kind of reward model reads for a pair
   * @param vocabularySize of the model; token ids are below it
   * @throws InvalidInputException if a file or row cannot be parsed, or no usable pair is left
   */
  public static TrainingData load(Recipe recipe, PairReader reader, int vocabularySize) {
    Recipe.Data data = recipe.data();
    PairLoader loader =
        new PairLoader(new PairEncoder(reader, data.maxLength(), data.tooLong(), vocabularySize));
    PairLoader.Loaded train = loader.load(data.train());
    if (data.evalFraction() > 0) {
      return heldOut(train, data.evalFraction(), recipe.training().seed());
    }
    PairLoader.Loaded eval =
        data.eval().isEmpty()
            ? new PairLoader.Loaded(List.of(), List.of())
            : loader.load(data.eval());
    DataReport report =
        new DataReport(
            train.reports(),
            eval.reports(),
            train.pairs().size(),
            eval.pairs().size(),
            0,
            overlap(train.pairs(), eval.pairs()));
    require(train.pairs(), "data.train", "train on", report);
    if (!data.eval().isEmpty()) {
      require(eval.pairs(), "data.eval", "evaluate on", report);
    }
    return new TrainingData(train.pairs(), eval.pairs(), report);
  }

  private static TrainingData heldOut(PairLoader.Loaded all, double fraction, long seed) {
    HoldOut split = HoldOut.split(all.pairs(), fraction, seed);
    DataReport report =
        new DataReport(
            all.reports(),
            List.of(),
            split.train().size(),
            split.heldOut().size(),
            split.numPrompts(),
            0);
    require(split.train(), "data.train", "train on", report);
    require(split.heldOut(), "data.eval_fraction", "evaluate on", report);
    return new TrainingData(split.train(), split.heldOut(), report);
  }

  private static int overlap(List<PreferencePair> train, List<PreferencePair> eval) {
    LongOpenHashSet prompts = new LongOpenHashSet();
    eval.forEach(pair -> prompts.add(pair.promptHash()));
    return (int) train.stream().filter(pair -> prompts.contains(pair.promptHash())).count();
  }

  private static void require(
      List<PreferencePair> pairs, String key, String purpose, DataReport report) {
    if (pairs.isEmpty()) {
      throw new InvalidInputException(
          key + ": no usable pair is left to " + purpose + "\n" + report.toTable().stripTrailing());
    }
  }
}
