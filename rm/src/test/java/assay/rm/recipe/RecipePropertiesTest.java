package assay.rm.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class RecipePropertiesTest {
  /** Texts that YAML could take for something else are among them. */
  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> awkward =
        Arbitraries.of(
            "null", "true", "12", "1e5", "- a", "a: b", "#c", "'", "\"", " x ", "~", "0x1F", "*",
            "&a", "[a", "{", "?", "a\nb", "é", "\u2028", "😀", "--- x", "%", "\t", "a,b", "C:\\x");
    return Arbitraries.oneOf(
        awkward, Arbitraries.strings().ascii().excludeChars('\0').ofMinLength(1));
  }

  @Property(tries = 300)
  void writtenRecipeReadsBackAsTheSameRecipe(
      @ForAll("texts") String model,
      @ForAll("texts") String train,
      @ForAll("texts") String key,
      @ForAll("texts") String value,
      @ForAll @DoubleRange(min = 0, max = 1, minIncluded = false) double rate,
      @ForAll @IntRange(min = 1) int count,
      @ForAll @LongRange(min = Long.MIN_VALUE) long seed) {
    Recipe base = Recipe.parse("r", "{model: m, output: o, data: {train: [t]}}", List.of());
    Recipe recipe =
        new Recipe(
            model,
            base.init(),
            Map.of(key, List.of(value, seed, rate, Map.of(value, true))),
            base.method(),
            base.compat(),
            base.output(),
            base.device(),
            new Recipe.Data(
                List.of(train, value),
                List.of(),
                rate / 2,
                count,
                base.data().tooLong(),
                false,
                true,
                base.data().templateDate(),
                List.of(key),
                new Recipe.PseudoLabels(Optional.of(model), 0.5),
                Recipe.Augmentation.RRM,
                rate),
            new Recipe.Pairwise(Recipe.PairwiseLoss.ASSISTANT, List.of(train, value)),
            training(base.training(), rate, count, seed),
            base.distributed(),
            base.saveDtype(),
            base.options());
    assertEquals(recipe, Recipe.parse("again", recipe.toYaml(), List.of()));
  }

  private static Recipe.Training training(Recipe.Training t, double rate, int count, long seed) {
    return new Recipe.Training(
        count,
        count,
        count,
        count,
        rate,
        rate,
        rate / 2,
        0,
        rate,
        t.schedule(),
        0,
        rate,
        rate,
        false,
        t.precision(),
        rate,
        seed,
        count,
        count,
        count,
        count);
  }
}
