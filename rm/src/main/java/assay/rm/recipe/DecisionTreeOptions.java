package assay.rm.recipe;

/**
 * A recipe's section {@code decision_tree}.
 *
 * @param maxDepth the most splits from the root to a leaf
 * @param minSamplesLeaf rows that a leaf must have at least; each pair is two, one for either order
 * @param folds parts of the training pairs by which a depth of at most {@code maxDepth} is chosen;
 *     0: the depth is {@code maxDepth}
 */
public record DecisionTreeOptions(int maxDepth, int minSamplesLeaf, int folds)
    implements MethodOptions {}
