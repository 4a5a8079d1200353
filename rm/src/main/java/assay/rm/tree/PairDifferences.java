package assay.rm.tree;

import java.util.List;
import java.util.stream.IntStream;

/**
 * N preference pairs, by what their answers have of K attributes: the better answer's less the
 * worse one's.
 *
 * @param attributes their names
 * @param values {@code [N][K]}
 */
@SuppressWarnings("ArrayRecordComponent") // data to be read, never a key
public record PairDifferences(List<String> attributes, float[][] values) {
  public PairDifferences {
    attributes = List.copyOf(attributes);
  }

  public int size() {
    return values.length;
  }

  /** The first answer's attributes less the second's. */
  public static float[] difference(float[] first, float[] second) {
    float[] difference = new float[first.length];
    for (int k = 0; k < difference.length; k++) {
      difference[k] = first[k] - second[k];
    }
    return difference;
  }

  /** The same for the answers in the other order. */
  public static float[] reversed(float... difference) {
    return difference(new float[difference.length], difference);
  }

  /** Some of the pairs. */
  PairDifferences select(int... pairs) {
    return new PairDifferences(
        attributes, IntStream.of(pairs).mapToObj(pair -> values[pair]).toArray(float[][]::new));
  }

  /**
   * Fits a tree that says how probably the first of two answers is the better one. Each pair is two
   * rows, one for either order: so both classes are equally frequent, and the tree has no reason to
   * prefer a place.
   */
  public DecisionTree fit(Cart.Limits limits) {
    float[][] rows = new float[2 * values.length][];
    boolean[] firstIsBetter = new boolean[rows.length];
    for (int i = 0; i < values.length; i++) {
      rows[2 * i] = values[i];
      firstIsBetter[2 * i] = true;
      rows[2 * i + 1] = reversed(values[i]);
    }
    return Cart.fit(attributes, rows, firstIsBetter, limits);
  }

  /**
   * How probably the first of two answers is the better one, in the mean of both orders: exactly
   * one minus itself when the answers change places. A threshold at 0.1 has none at -0.1 to match
   * it, so the tree alone would depend on the order though it was fitted on both.
   *
   * @param difference the first answer's attributes less the second's, {@code [K]}
   */
  public static double preference(DecisionTree tree, float... difference) {
    return 0.5 + (tree.probability(difference) - tree.probability(reversed(difference))) / 2;
  }
}
