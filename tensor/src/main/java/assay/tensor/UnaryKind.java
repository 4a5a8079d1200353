package assay.tensor;

/** Element-wise functions of one tensor. */
public enum UnaryKind {
  COPY,
  NEGATE,
  ABSOLUTE,
  EXP,
  LOG,
  SQRT,
  RECIPROCAL,
  TANH,
  /** 1 / (1 + exp(-x)). */
  SIGMOID,
  /** log(sigmoid(x)), without overflow for any finite x. */
  LOG_SIGMOID
}
