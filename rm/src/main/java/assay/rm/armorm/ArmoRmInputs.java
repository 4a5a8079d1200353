package assay.rm.armorm;

import assay.rm.TrainingSetup;
import assay.rm.data.AttributeLoader;
import assay.rm.data.PreferencePair;
import assay.rm.data.RatingSplit;
import assay.rm.recipe.ArmoRmOptions;
import assay.rm.recipe.Recipe;
import assay.rm.text.TextEncoder;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * What both stages need, read and checked before anything is computed.
 *
 * @param config of the model that is made
 * @param rated the texts with ratings
 * @param heldOut those of them that choose alpha and judge the regressions
 * @param train the gate's pairs
 * @param eval pairs that judge it; may be empty
 */
record ArmoRmInputs(
    ArmoRmConfig config, AttributeLoader.Loaded rated, BitSet heldOut, Pairs train, Pairs eval) {
  /**
   * Pairs with the gate's token of each.
   *
   * @param dropped those whose sides have no gate token in common: they are answers to different
   *     last questions
   */
  record Pairs(List<EmbeddedText> texts, int dropped) {}

  /**
   * Reads the rated texts, and finds the gate's token in every pair.
   *
   * @throws InvalidInputException if an attribute has no rating, or a pair no gate token
   */
  static ArmoRmInputs read(TrainingSetup setup, ArmoRmOptions options) {
    Recipe recipe = setup.recipe();
    List<String> attributes = options.attributes();
    if (options.verbosity().isPresent() && !attributes.contains(options.verbosity().get())) {
      throw new InvalidInputException(
          "armorm.verbosity: '%s' is none of armorm.attributes, %s"
              .formatted(options.verbosity().get(), attributes));
    }
    ArmoRmConfig config =
        new ArmoRmConfig(
            attributes.size(),
            options.gatingTemperature(),
            options.gatingHiddenDim(),
            options.gatingNumHidden(),
            pattern(setup, options));
    Pairs train = pairs(setup.data().train(), config.gatePattern());
    Pairs eval = pairs(setup.data().eval(), config.gatePattern());
    if (train.texts().isEmpty()) {
      throw new InvalidInputException(
          "data.train: in none of the pairs do both sides have the same last question, so there is"
              + " nothing to train the gate on");
    }
    AttributeLoader.Loaded rated =
        AttributeLoader.load(
            options.data(),
            setup.encoder().map(encoder -> encoder),
            attributes,
            recipe.data().maxLength(),
            recipe.data().tooLong(),
            setup.config().transformer().vocabSize());
    BitSet heldOut =
        RatingSplit.heldOut(
            rated.rows(),
            attributes,
            options.heldOutFraction(),
            recipe.compat() == Recipe.Compat.NONE,
            recipe.training().seed());
    return new ArmoRmInputs(config, rated, heldOut, train, eval);
  }

  private static GatePattern pattern(TrainingSetup setup, ArmoRmOptions options) {
    if (!options.gatingTokenPattern().isEmpty()) {
      return new GatePattern(options.gatingTokenPattern());
    }
    Optional<TextEncoder> withTemplate =
        setup.encoder().filter(encoder -> encoder.template().isPresent());
    return withTemplate
        .map(GatePattern::derive)
        .or(() -> GatePattern.published(setup.config()))
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "armorm.gating_token_pattern: is needed, since the model's folder has no chat"
                        + " template to find the tokens between question and answer in"));
  }

  private static Pairs pairs(List<PreferencePair> pairs, GatePattern pattern) {
    List<EmbeddedText> texts = new ArrayList<>();
    int dropped = 0;
    for (PreferencePair pair : pairs) {
      String place = pair.file() + ":" + pair.line();
      int gate = pattern.require(pair.chosenIds(), place);
      int other = pattern.require(pair.rejectedIds(), place);
      if (gate == other && gate < pair.sharedPrefix()) {
        texts.add(EmbeddedText.of(pair, gate));
      } else {
        dropped++;
      }
    }
    return new Pairs(texts, dropped);
  }
}
