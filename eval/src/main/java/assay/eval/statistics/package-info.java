/**
 * Statistics of evaluations: intervals, tests of a difference, calibration.
 *
 * <p><b>The idea.</b> A benchmark's score is an average over rows that might have been others. With
 * 37 rows in a subset, 81% and 92% correct can be the same model on another day; two models of 80%
 * and 82% may differ for certain if they answer the same rows. What is here tells these apart.
 *
 * <pre>
 * Wilson             interval of a proportion, in closed form
 * Stratum            the rows of one subset, as numbers
 * Bootstrap          interval of any score that is made of means over strata
 * SignTest           two models on the same rows, counted row by row: McNemar's test, exact
 * PairedDifference   the same, for the benchmark's weighted score, with what could have been seen
 * Calibration        whether sigmoid(margin) is a probability; Temperature makes it one
 * </pre>
 *
 * <p>Rank correlation (as of margins with differences in length) is {@link
 * assay.rm.armorm.Spearman}, which training uses too.
 *
 * <p>An example:
 *
 * <pre>{@code
 * Wilson.interval(34 / 37.0, 37);                                    // 0.787 .. 0.972
 * Stratum hard = Stratum.of("hard", rows, row -> new double[] {row.won() ? 1 : 0});
 * Stratum easy = Stratum.of("easy", others, row -> new double[] {row.won() ? 1 : 0});
 * double[][] replicates = new Bootstrap(2000, 42).replicates(
 *     List.of(hard, easy), means -> new double[] {(2 * means[0][0] + means[1][0]) / 3});
 * Interval interval = Bootstrap.interval(replicates[0]);
 * SignTest.of(creditsOfA, creditsOfB).pValue();
 * Temperature.fit(margins);                                          // above 1: too sure of itself
 * }</pre>
 *
 * <p><b>Decisions.</b>
 *
 * <ul>
 *   <li>Percentile intervals. Bias-corrected ones (BCa) are a little better where a score is
 *       skewed, at the price of a jackknife and of a formula few can check; benchmark scores are
 *       averages of bounded numbers and hardly skewed.
 *   <li>The bootstrap draws every row by itself. Drawing the number of right answers from a
 *       binomial distribution would be faster for proportions, but would not do for margins, shared
 *       maxima or Ties, and a hundred thousand rows take seconds as it is.
 *   <li>McNemar's test is exact at any size. The chi-square approximation needs a rule for when it
 *       is good enough, and the exact sum is ten lines.
 *   <li>Calibration bins the confidence in the preferred answer. Binning sigmoid(margin) against
 *       "chosen is better" would compare with a label that is always true.
 *   <li>Ten bins of equal width. Bins of equal numbers of pairs vary less, but then the curves of
 *       two models have their points at different places.
 *   <li>95% everywhere, rather than a parameter that every caller would set to 95%.
 * </ul>
 */
package assay.eval.statistics;
