package assay.tensor.kernel;

import assay.tensor.BinaryKind;
import assay.tensor.Tensor;

/**
 * How the second operand of a binary kernel is spread over the first.
 *
 * @param columns columns of the first operand
 */
public record Broadcast(Case kind, int columns) {
  /** Which part of the first operand the second is as large as. */
  public enum Case {
    SAME,
    SCALAR,
    ROW,
    COLUMN
  }

  /** Finds the case, or throws if none fits. */
  public static Broadcast of(BinaryKind kind, Tensor a, Tensor b, Tensor out) {
    String kernel = "binary " + kind;
    Checks.sameShape(kernel, a, out);
    Checks.sameDType(kernel, a, b, out);
    int columns = out.numColumns();
    if (b.shape().equals(a.shape())) {
      return new Broadcast(Case.SAME, columns);
    }
    if (b.size() == 1) {
      return new Broadcast(Case.SCALAR, columns);
    }
    if (b.numColumns() == columns && b.numRows() == 1) {
      return new Broadcast(Case.ROW, columns);
    }
    if (b.numColumns() == 1 && b.numRows() == out.numRows()) {
      return new Broadcast(Case.COLUMN, columns);
    }
    throw new IllegalArgumentException(
        kernel
            + ": "
            + b.shape()
            + " is neither of shape "
            + a.shape()
            + " nor a scalar, one row or one column of it");
  }

  /** The index in b of what meets element i of a. */
  public long index(long i) {
    return switch (kind) {
      case SAME -> i;
      case SCALAR -> 0;
      case ROW -> i % columns;
      case COLUMN -> i / columns;
    };
  }

  /** Elements from what meets a row to what meets the next. */
  public long rowStep() {
    return switch (kind) {
      case SAME -> columns;
      case SCALAR, ROW -> 0;
      case COLUMN -> 1;
    };
  }

  /** Elements from what meets a column to what meets the next. */
  public long columnStep() {
    return switch (kind) {
      case SAME, ROW -> 1;
      case SCALAR, COLUMN -> 0;
    };
  }
}
