package assay.eval.report;

import java.util.Arrays;
import java.util.Map;

/**
 * How many rows have which margin, in bins of equal width that meet at 0. The first and the last
 * hold what lies beyond them, too, so that a few extreme margins do not flatten all others.
 *
 * @param low where the first bin begins
 * @param rows in each bin
 */
record MarginHistogram(double low, double width, long[] rows) {
  private static final int NUM_BINS = 40;
  private static final double BEYOND = 0.005; // share of the rows on either side

  /**
   * @param margins at least one
   */
  static MarginHistogram of(double[] margins) {
    double[] sorted = margins.clone();
    Arrays.sort(sorted);
    int beyond = (int) (BEYOND * sorted.length);
    double least = Math.min(0, sorted[beyond]);
    double most = Math.max(0, sorted[sorted.length - 1 - beyond]);
    double width = most > least ? (most - least) / NUM_BINS : 1;
    int first = (int) Math.floor(least / width);
    int last = Math.max(first, (int) Math.ceil(most / width) - 1);
    long[] rows = new long[last - first + 1];
    for (double margin : margins) {
      // A tie is no win, so it belongs to the bin below 0.
      double bin = Math.ceil(margin / width) - 1 - first;
      rows[(int) Math.clamp(bin, 0, rows.length - 1)]++;
    }
    return new MarginHistogram(first * width, width, rows);
  }

  Map<String, Object> toJson() {
    return Map.of("low", low, "width", width, "rows", rows);
  }
}
