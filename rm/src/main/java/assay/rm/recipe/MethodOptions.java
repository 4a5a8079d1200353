package assay.rm.recipe;

/** What one method has of its own in a recipe: the section that has its name. */
public sealed interface MethodOptions permits ArmoRmOptions, OdinOptions {}
