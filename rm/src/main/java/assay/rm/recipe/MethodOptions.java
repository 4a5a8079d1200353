package assay.rm.recipe;

/** What one method has of its own in a recipe: a section. */
public sealed interface MethodOptions
    permits ArmoRmOptions, DecisionTreeOptions, OdinOptions, RegressionOptions, StepOptions {}
