package assay.rm.recipe;

/**
 * A recipe's section {@code odin}.
 *
 * @param lengthWeight of the correlations with length in the loss
 * @param orthogonalityWeight of the cosine between the two heads' weights; 0: it is left out
 */
public record OdinOptions(double lengthWeight, double orthogonalityWeight)
    implements MethodOptions {}
