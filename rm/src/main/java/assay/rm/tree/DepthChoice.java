package assay.rm.tree;

import assay.rm.data.SplitMix64;
import assay.tensor.InvalidInputException;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * How deep a tree should be, by cross-validation on the training pairs: these are dealt out into
 * parts by their prompts, and each part is judged by trees that were fitted on the others. The
 * depth of the least error is taken, of equal ones the smallest.
 *
 * <p>The error is the mean of (1 - p)^2 (Brier 1950), where p is the probability that the better
 * answer is the better one. It is what Gini's impurity measures on the training pairs, and unlike
 * the logarithm it is finite where p is 0.
 *
 * @param tried one for each depth from 1
 * @param depth the one of the least error
 */
public record DepthChoice(List<Tried> tried, int depth) {

  /**
   * What became of one depth.
   *
   * @param error on the parts held out
   * @param accuracy likewise, a tie counting half: shallow trees leave much undecided
   */
  public record Tried(int depth, double error, double accuracy) {}

  /**
   * Tries all depths up to the limit.
   *
   * @param prompts of the pairs, {@code [N]}: those of one prompt go into one part
   * @param numFolds the number of parts, from 2
   * @throws InvalidInputException if there are fewer prompts than that
   */
  public static DepthChoice of(
      PairDifferences pairs, long[] prompts, int numFolds, long seed, Cart.Limits limits) {
    int[] folds = folds(prompts, numFolds, seed);
    double[] errors = new double[limits.maxDepth()];
    double[] correct = new double[limits.maxDepth()];
    for (int fold = 0; fold < numFolds; fold++) {
      int part = fold;
      DecisionTree deepest =
          pairs.select(where(folds, of -> of != part)).fit(limits); // each depth is in it
      PairDifferences heldOut = pairs.select(where(folds, of -> of == part));
      for (int depth = 1; depth <= limits.maxDepth(); depth++) {
        DecisionTree tree = deepest.cut(depth);
        for (float[] difference : heldOut.values()) {
          double p = PairDifferences.preference(tree, difference);
          errors[depth - 1] += (1 - p) * (1 - p) / pairs.size();
          correct[depth - 1] += (p > 0.5 ? 1 : p == 0.5 ? 0.5 : 0) / pairs.size();
        }
      }
    }
    List<Tried> tried = new ArrayList<>();
    int best = 1;
    for (int depth = 1; depth <= limits.maxDepth(); depth++) {
      tried.add(new Tried(depth, errors[depth - 1], correct[depth - 1]));
      best = errors[depth - 1] < errors[best - 1] ? depth : best;
    }
    return new DepthChoice(List.copyOf(tried), best);
  }

  private static int[] where(int[] folds, IntPredicate wanted) {
    return IntStream.range(0, folds.length).filter(i -> wanted.test(folds[i])).toArray();
  }

  /** The part of each pair: its prompts in an order that the seed decides, dealt out in turn. */
  private static int[] folds(long[] prompts, int numFolds, long seed) {
    long[] order =
        Arrays.stream(prompts).map(prompt -> place(prompt, seed)).distinct().sorted().toArray();
    if (order.length < numFolds) {
      throw new InvalidInputException(
          "decision_tree.folds: %d, but the training pairs have only %d prompts; use fewer, or 0 for"
                  .formatted(numFolds, order.length)
              + " a tree of decision_tree.max_depth");
    }
    Long2IntOpenHashMap parts = new Long2IntOpenHashMap();
    for (int i = 0; i < order.length; i++) {
      parts.put(order[i], i % numFolds);
    }
    return Arrays.stream(prompts).mapToInt(prompt -> parts.get(place(prompt, seed))).toArray();
  }

  private static long place(long prompt, long seed) {
    return SplitMix64.mix(prompt ^ SplitMix64.mix(seed));
  }
}
