package assay.rm;

/** The rewards of a pair's two answers. */
public record PairRewards(double chosen, double rejected) {}
