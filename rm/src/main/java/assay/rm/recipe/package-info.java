/**
 * The recipe: one YAML file that says all a training run needs to know.
 *
 * <p><b>The idea.</b> A run is a function of its recipe, so the recipe is a record with every value
 * in it, and nothing else decides. Reading goes in three steps: text to YAML nodes, which keep line
 * and column ({@link assay.rm.recipe.RecipeYaml}); nodes to typed values, one line per key with its
 * default and range ({@link assay.rm.recipe.RecipeBinder} through {@link assay.rm.recipe.Fields});
 * and {@link assay.rm.recipe.Supported}, the list of what this version can run. A mistake is
 * answered with its place and a suggestion, and all mistakes at once:
 *
 * <pre>
 * recipe.yaml:6:3: training.weigth_decay: unknown key; did you mean 'weight_decay'?
 * recipe.yaml:9:15: training.batch_size: expected a whole number of at least 1, found 0
 * </pre>
 *
 * <p>An example:
 *
 * <pre>{@code
 * Recipe recipe = Recipe.read(Path.of("recipe.yaml"), List.of("training.max_steps=10"));
 * Supported.check("recipe.yaml", recipe);
 * System.out.println(recipe.training().learningRate());                 // 2.0E-6, the default
 * Files.writeString(recipe.output().resolve("recipe.yaml"), recipe.toYaml());
 * Recipe again = Recipe.read(recipe.output().resolve("recipe.yaml"), List.of());
 * assert again.equals(recipe);
 * }</pre>
 *
 * <p><b>Decisions.</b>
 *
 * <ul>
 *   <li>Unknown keys are errors. The alternative, ignoring them, trains for a week with the default
 *       of the key that was mistyped.
 *   <li>The binder names each key in code. The alternative, reflection over record components, is
 *       shorter, but its defaults and ranges end up in annotations and its errors in a library.
 *   <li>YAML 1.2's core schema: {@code no} and {@code on} are text, {@code 010} is ten. Nothing is
 *       converted: a quoted number is text, and text in the place of a number an error.
 *   <li>0 and an empty list mean "not given" for the keys of which only one counts ({@code
 *       max_steps, warmup_ratio, eval_fraction, eval}). So a recipe with every default written out
 *       can be read again; the alternative, conflict by mere presence, would refuse it.
 *   <li>An override replaces the value at its key, a whole section too, and is refused by its own
 *       name: {@code --set training.epochs=two: training.epochs: expected ...}.
 * </ul>
 */
package assay.rm.recipe;
