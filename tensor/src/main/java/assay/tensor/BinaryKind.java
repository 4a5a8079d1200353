package assay.tensor;

/** Element-wise functions of two tensors. Comparisons give 1 for true and 0 for false. */
public enum BinaryKind {
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  MAXIMUM,
  LESS,
  LESS_EQUAL,
  EQUAL
}
