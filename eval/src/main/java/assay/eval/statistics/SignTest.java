package assay.eval.statistics;

/**
 * The exact two-sided sign test of two models on the same rows: if neither is better, each row on
 * which they differ is a fair coin. Where rows are right or wrong this is McNemar's test (McNemar
 * 1947, Note on the Sampling Error of the Difference Between Correlated Proportions) in its exact
 * form. Rows count alike here; a benchmark's own weights do not enter.
 *
 * @param better rows on which the first model does better
 * @param worse rows on which it does worse
 * @param pValue the probability of at least so uneven a split from a fair coin
 */
public record SignTest(long better, long worse, double pValue) {

  /**
   * Of the two models' credits, row by row; rows on which both have the same are left out.
   *
   * @param second as long as {@code first}
   */
  public static SignTest of(double[] first, double[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(first.length + " rows against " + second.length);
    }
    long better = 0;
    long worse = 0;
    for (int i = 0; i < first.length; i++) {
      better += first[i] > second[i] ? 1 : 0;
      worse += first[i] < second[i] ? 1 : 0;
    }
    return new SignTest(better, worse, pValue(better, worse));
  }

  /**
   * 2 P(X &lt;= min(better, worse)) for X binomial with n = better + worse and 1/2; at most 1.
   *
   * <p>Binomial coefficients are taken relative to the middle one, which neither overflows nor
   * needs a logarithm: C(n, i-1) = C(n, i) i / (n - i + 1). They fall to nothing some forty
   * standard deviations from the middle, so that the loop is short for any n.
   */
  static double pValue(long better, long worse) {
    long n = better + worse;
    long fewer = Math.min(better, worse);
    double coefficient = 1;
    double all = 0; // of 0 .. n/2
    double tail = 0; // of 0 .. fewer
    for (long i = n / 2; i >= 0 && coefficient > 0; i--) {
      all += coefficient;
      tail += i <= fewer ? coefficient : 0;
      coefficient = coefficient * i / (n - i + 1);
    }
    // Both halves of the coefficients; if n is even they share the middle one.
    double whole = n % 2 == 0 ? 2 * all - 1 : 2 * all;
    return Math.min(1, 2 * tail / whole);
  }
}
