package assay.tensor.kernel;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.ReduceKind;
import assay.tensor.Segments;
import assay.tensor.Tensor;

/** The checks that every kernel makes once, before it touches memory by address. */
public final class Checks {
  private Checks() {}

  /** out is [m, n], the sum runs over k. */
  public record MatMulSizes(int m, int k, int n) {}

  public static void sameShape(String kernel, Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new IllegalArgumentException(
          kernel + ": shapes must be equal, but are " + a.shape() + " and " + b.shape());
    }
  }

  public static void sameSize(String kernel, Tensor a, Tensor b) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException(
          kernel + ": sizes must be equal, but shapes are " + a.shape() + " and " + b.shape());
    }
  }

  public static void sameDType(String kernel, Tensor first, Tensor... others) {
    for (Tensor other : others) {
      if (other.dtype() != first.dtype()) {
        throw new IllegalArgumentException(
            kernel + ": dtypes must be equal, but are " + first.dtype() + " and " + other.dtype());
      }
    }
  }

  /** The output must be of the input's dtype, or of the one that its sums are kept in. */
  public static void sumDType(String kernel, Tensor x, Tensor out) {
    if (out.dtype() != x.dtype() && out.dtype() != x.dtype().sum()) {
      throw new IllegalArgumentException(
          kernel + ": the output of " + x.dtype() + " inputs cannot be " + out.dtype());
    }
  }

  /** Statistics of rows and gradients of weights must be of the dtype that sums are kept in. */
  public static void statistics(String kernel, Tensor x, Tensor... statistics) {
    for (Tensor statistic : statistics) {
      if (statistic.dtype() != x.dtype().sum()) {
        throw new IllegalArgumentException(
            "%s: statistics of %s are kept in %s, not %s"
                .formatted(kernel, x.dtype(), x.dtype().sum(), statistic.dtype()));
      }
    }
  }

  /** F32 weights, or what has as many elements, and the halves they are kept in. */
  public static void splitWeights(Tensor weight, Tensor high, Tensor low) {
    boolean dtypes =
        weight.dtype() == DType.F32 && high.dtype() == DType.BF16 && low.dtype() == DType.I16;
    if (!dtypes || weight.size() != high.size() || weight.size() != low.size()) {
      throw new IllegalArgumentException(
          "split weights: expected F32, BF16 and I16 of one size, got %s, %s and %s"
              .formatted(weight, high, low));
    }
  }

  public static void where(Tensor condition, Tensor a, Tensor b, Tensor out) {
    sameShape("where", condition, out);
    sameShape("where", a, out);
    if (b.size() != 1) {
      sameShape("where", b, out);
    }
    sameDType("where", condition, a, b, out);
  }

  public static void reduction(ReduceKind kind, Tensor x, int dim, Tensor out) {
    if (dim != 0 && dim != 1) {
      throw new IllegalArgumentException("reduce " + kind + ": dim is 0 or 1, not " + dim);
    }
    int expected = dim == 1 ? x.numRows() : x.numColumns();
    if (out.size() != expected) {
      throw new IllegalArgumentException(
          "reduce "
              + kind
              + ": "
              + x.shape()
              + " over dim "
              + dim
              + " gives "
              + expected
              + " values, but the output has shape "
              + out.shape());
    }
  }

  public static MatMulSizes matmul(
      Tensor a, boolean transposeA, Tensor b, boolean transposeB, double beta, Tensor out) {
    sameDType("matmul", a, b);
    sumDType("matmul", a, out);
    int m = transposeA ? a.numColumns() : a.numRows();
    int k = transposeA ? a.numRows() : a.numColumns();
    int otherK = transposeB ? b.numColumns() : b.numRows();
    int n = transposeB ? b.numRows() : b.numColumns();
    if (k != otherK || out.numRows() != m || out.numColumns() != n) {
      throw new IllegalArgumentException(
          "matmul: "
              + describe(a, transposeA)
              + " times "
              + describe(b, transposeB)
              + " does not give "
              + out.shape());
    }
    if (beta != 0 && beta != 1) {
      throw new IllegalArgumentException("matmul: beta is 0 or 1, not " + beta);
    }
    return new MatMulSizes(m, k, n);
  }

  private static String describe(Tensor x, boolean transposed) {
    return x.shape() + (transposed ? " transposed" : "");
  }

  /** {@code few[i]} stands for {@code many[rows[i]]}. */
  public static void rows(String kernel, Tensor many, Tensor rows, Tensor few) {
    sumDType(kernel, few, many);
    if (rows.dtype() != DType.I32
        || rows.size() != few.numRows()
        || many.numColumns() != few.numColumns()) {
      throw new IllegalArgumentException(
          kernel + ": rows " + rows + " of " + many.shape() + " do not make " + few.shape());
    }
  }

  /** The values of an I32 tensor of row indices must lie within so many rows. */
  public static void indices(String kernel, int[] rows, int limit) {
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] < 0 || rows[i] >= limit) {
        throw new IndexOutOfBoundsException(
            kernel + ": index " + i + " is row " + rows[i] + " of a tensor of " + limit + " rows");
      }
    }
  }

  /**
   * @param likeQueries q, the output and what else has a row per query
   * @param likeKeys k, v and their gradients
   */
  public static void attention(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      Tensor logSumExp,
      Tensor[] likeQueries,
      Tensor[] likeKeys) {
    int numRows = segments.numRows();
    int numQueries = queryRows == null ? numRows : queryRows.length;
    for (Tensor x : likeQueries) {
      attentionShape(x, numQueries, config.numHeads() * config.headDim());
      statistics("attention", x, logSumExp);
    }
    for (Tensor x : likeKeys) {
      attentionShape(x, numRows, config.numKeyValueHeads() * config.headDim());
      statistics("attention", x, logSumExp);
    }
    sameDType("attention", likeQueries[0], likeQueries);
    sameDType("attention", likeQueries[0], likeKeys);
    attentionShape(logSumExp, numQueries, config.numHeads());
    for (int i = 0; queryRows != null && i < numQueries; i++) {
      int before = i == 0 ? -1 : queryRows[i - 1];
      if (queryRows[i] <= before || queryRows[i] >= numRows) {
        throw new IllegalArgumentException(
            "attention: query rows ascend within the batch of "
                + numRows
                + " rows, but row "
                + queryRows[i]
                + " follows "
                + before);
      }
    }
  }

  private static void attentionShape(Tensor x, int rows, int columns) {
    if (x.size() != (long) rows * columns || (x.size() > 0 && x.numColumns() != columns)) {
      throw new IllegalArgumentException(
          "attention: expected a tensor [" + rows + ", " + columns + "], not " + x);
    }
  }
}
