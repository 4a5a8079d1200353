package assay.eval.statistics;

import java.util.List;
import java.util.function.Function;

/**
 * Rows of one kind, from which a score takes nothing but means: a subset of a benchmark.
 *
 * @param name of the subset
 * @param width the numbers a row has; in most benchmarks one: right or wrong
 * @param values {@code [rows, width]}, row by row
 */
public record Stratum(String name, int width, double[] values) {
  public Stratum {
    if (width < 1 || values.length == 0 || values.length % width != 0) {
      throw new IllegalArgumentException(
          "%s: %d values are no rows of %d".formatted(name, values.length, width));
    }
  }

  /** The numbers of each row, in order; there must be a row. */
  public static <R> Stratum of(String name, List<R> rows, Function<R, double[]> numbers) {
    int width = numbers.apply(rows.getFirst()).length;
    double[] values = new double[rows.size() * width];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(numbers.apply(rows.get(i)), 0, values, i * width, width);
    }
    return new Stratum(name, width, values);
  }

  public int numRows() {
    return values.length / width;
  }

  /** The mean of each column: {@code [width]}. */
  public double[] means() {
    double[] means = new double[width];
    for (int i = 0; i < values.length; i++) {
      means[i % width] += values[i];
    }
    for (int column = 0; column < width; column++) {
      means[column] /= numRows();
    }
    return means;
  }

  /** The means of several strata: {@code [strata][width]}. */
  public static double[][] means(List<Stratum> strata) {
    return strata.stream().map(Stratum::means).toArray(double[][]::new);
  }

  /** The same rows with more columns: this stratum's and then the other's. */
  public Stratum beside(Stratum other) {
    if (other.numRows() != numRows()) {
      throw new IllegalArgumentException(
          "%s: %d rows beside %d".formatted(name, numRows(), other.numRows()));
    }
    int both = width + other.width;
    double[] joined = new double[numRows() * both];
    for (int row = 0; row < numRows(); row++) {
      System.arraycopy(values, row * width, joined, row * both, width);
      System.arraycopy(other.values, row * other.width, joined, row * both + width, other.width);
    }
    return new Stratum(name, both, joined);
  }
}
