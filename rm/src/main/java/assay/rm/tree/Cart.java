package assay.rm.tree;

import it.unimi.dsi.fastutil.ints.IntArrays;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Fits decision trees (Breiman, Friedman, Olshen and Stone 1984, Classification and Regression
 * Trees): the best split of all rows is found by trying every one, then the best split of each of
 * the two sides, and so on. The best is the one whose two sides have the least impurity:
 *
 * <pre>  n_left gini(left) + n_right gini(right)</pre>
 *
 * <p>A threshold lies halfway between two neighbouring values of a feature. Of equally good splits
 * the one on the first feature is taken, and on that the one with the lowest threshold; nothing is
 * drawn at random. The tree is scikit-learn's {@code DecisionTreeClassifier(criterion="gini")} with
 * the same two limits, as long as no two features are equally good (it draws lots then).
 */
public final class Cart {
  /**
   * Values that lie no further apart count as one, as in scikit-learn: no threshold is put between
   * them. Rounding in whatever computed the features would decide about such a one.
   */
  private static final float SAME = 1e-7f;

  /**
   * When to stop.
   *
   * @param maxDepth splits from the root to a leaf, at least 0
   * @param minSamplesLeaf rows that both sides of a split must have at least, from 1
   */
  public record Limits(int maxDepth, int minSamplesLeaf) {}

  private final float[][] rows; // [N][K]
  private final boolean[] positive; // [N]
  private final Limits limits;

  private Cart(float[][] rows, boolean[] positive, Limits limits) {
    this.rows = rows;
    this.positive = positive;
    this.limits = limits;
  }

  /**
   * Fits a tree.
   *
   * @param features the names of K features
   * @param rows finite numbers, {@code [N][K]}, N from 1
   * @param positive which of them are of class 1, {@code [N]}
   */
  public static DecisionTree fit(
      List<String> features, float[][] rows, boolean[] positive, Limits limits) {
    int[] all = IntStream.range(0, rows.length).toArray();
    return new DecisionTree(features, new Cart(rows, positive, limits).grow(all, 0));
  }

  /** A subtree of some rows. Only rows of one class, or too few of them, are left as they are. */
  private DecisionTree.Node grow(int[] members, int depth) {
    int positives = (int) Arrays.stream(members).filter(row -> positive[row]).count();
    boolean pure = positives == 0 || positives == members.length;
    boolean tooFew = members.length < 2 * limits.minSamplesLeaf;
    Candidate best =
        pure || tooFew || depth == limits.maxDepth ? Candidate.NONE : best(members, positives);
    if (best.feature < 0) {
      return new DecisionTree.Leaf(members.length, positives);
    }
    int[] left = where(members, best, true);
    int[] right = where(members, best, false);
    return new DecisionTree.Split(
        best.feature, best.threshold, grow(left, depth + 1), grow(right, depth + 1));
  }

  private int[] where(int[] members, Candidate split, boolean atMost) {
    return Arrays.stream(members)
        .filter(row -> rows[row][split.feature] <= split.threshold == atMost)
        .toArray();
  }

  /**
   * A split that could be made.
   *
   * @param impurity of both sides, each times its rows
   */
  private record Candidate(int feature, double threshold, double impurity) {
    static final Candidate NONE = new Candidate(-1, Double.NaN, Double.POSITIVE_INFINITY);
  }

  private Candidate best(int[] members, int positives) {
    Candidate best = Candidate.NONE;
    for (int feature = 0; feature < rows[0].length; feature++) {
      Candidate its = best(feature, sorted(members, feature), positives);
      best = its.impurity < best.impurity ? its : best;
    }
    return best;
  }

  private int[] sorted(int[] members, int feature) {
    int[] order = members.clone();
    IntArrays.quickSort(order, (i, j) -> Float.compare(rows[i][feature], rows[j][feature]));
    return order;
  }

  /** Goes through the rows in a feature's order; those passed are the left side. */
  private Candidate best(int feature, int[] order, int positives) {
    Candidate best = Candidate.NONE;
    int leftPositives = 0;
    for (int left = 1; left < order.length; left++) {
      leftPositives += positive[order[left - 1]] ? 1 : 0;
      int right = order.length - left;
      float last = rows[order[left - 1]][feature];
      float next = rows[order[left]][feature];
      if (next <= last + SAME || Math.min(left, right) < limits.minSamplesLeaf) {
        continue;
      }
      double impurity =
          right * DecisionTree.gini(right, positives - leftPositives)
              + left * DecisionTree.gini(left, leftPositives);
      if (impurity < best.impurity) {
        best = new Candidate(feature, last / 2.0 + next / 2.0, impurity);
      }
    }
    return best;
  }
}
