package assay.rm.armorm;

import assay.rm.TrainingSetup;
import assay.rm.data.AttributeLoader;
import assay.rm.data.AttributeRow;
import assay.rm.data.RatingSplit;
import assay.rm.recipe.ArmoRmOptions;
import assay.rm.recipe.Recipe;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The texts with ratings of a run.
 *
 * @param heldOut those of them that choose alpha and judge the regressions
 * @param dropped rows of the files that are not used, by reason
 */
record RatedTexts(List<AttributeRow> rows, BitSet heldOut, Map<String, Long> dropped) {
  /**
   * Reads what the recipe names.
   *
   * @throws assay.tensor.InvalidInputException if a row cannot be parsed, or an attribute has no
   *     rating
   */
  static RatedTexts read(TrainingSetup setup, ArmoRmOptions options) {
    Recipe recipe = setup.recipe();
    AttributeLoader.Loaded loaded =
        AttributeLoader.load(
            options.data(),
            "armorm.attributes",
            setup.encoder().map(encoder -> encoder),
            options.attributes(),
            recipe.data().maxLength(),
            recipe.data().tooLong(),
            setup.config().transformer().vocabSize());
    BitSet heldOut =
        RatingSplit.heldOut(
            loaded.rows(),
            options.attributes(),
            options.heldOutFraction(),
            recipe.compat() == Recipe.Compat.NONE,
            recipe.training().seed());
    return new RatedTexts(loaded.rows(), heldOut, loaded.dropped());
  }

  /** {@code [N][K]}, NaN where there is none. */
  float[][] ratings() {
    return rows.stream().map(AttributeRow::ratings).toArray(float[][]::new);
  }

  List<EmbeddedText> texts() {
    return rows.stream().map(EmbeddedText::of).toList();
  }
}
