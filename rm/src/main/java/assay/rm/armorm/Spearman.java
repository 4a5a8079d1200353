package assay.rm.armorm;

import it.unimi.dsi.fastutil.doubles.DoubleArrays;
import java.util.stream.IntStream;

/**
 * Spearman's rank correlation: Pearson's correlation of the values' ranks. Equal values share the
 * mean of their ranks.
 */
public final class Spearman {
  private Spearman() {}

  /** In [-1, 1]; NaN if one of the two has fewer than two different values. */
  public static double correlation(double[] x, double[] y) {
    return ofRanks(ranks(x), ranks(y));
  }

  /** As {@link #correlation}, for values that are {@link #ranks} already. */
  static double ofRanks(double[] x, double[] y) {
    double mean = (x.length - 1) / 2.0;
    double xx = 0;
    double yy = 0;
    double xy = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - mean;
      double dy = y[i] - mean;
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    return xy / Math.sqrt(xx * yy);
  }

  /** Each value's place in ascending order, from 0. */
  static double[] ranks(double[] values) {
    int[] order = IntStream.range(0, values.length).toArray();
    DoubleArrays.quickSortIndirect(order, values);
    double[] ranks = new double[values.length];
    int start = 0;
    while (start < order.length) {
      int end = start + 1;
      while (end < order.length && values[order[end]] == values[order[start]]) {
        end++;
      }
      for (int i = start; i < end; i++) {
        ranks[order[i]] = (start + end - 1) / 2.0;
      }
      start = end;
    }
    return ranks;
  }
}
