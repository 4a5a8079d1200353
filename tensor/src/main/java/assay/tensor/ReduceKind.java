package assay.tensor;

/** What a reduction makes of a row or a column. */
public enum ReduceKind {
  SUM,
  MAXIMUM
}
