package assay.tensor;

/** Distributions that {@link Backend#random} draws from. */
public enum RandomKind {
  /** Uniform in [0, 1). */
  UNIFORM,
  /** Normal with mean 0 and variance 1. */
  NORMAL
}
