package assay.rm.data;

import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sets rows aside for evaluation, by prompt: all rows of one prompt go to the same side, so that
 * none is judged by a prompt it was trained on.
 *
 * @param train in their order
 * @param heldOut in their order
 * @param numPrompts the prompts of {@code heldOut}
 */
public record HoldOut<R extends TrainingRow>(List<R> train, List<R> heldOut, int numPrompts) {

  /**
   * Prompts are put in the order of a hash of prompt and seed, and each is held out if that brings
   * the number of held-out rows nearer to {@code fraction} of all. The split depends on the rows
   * and the seed, not on the order of the rows. At least one prompt is held out and one is left,
   * where there are two.
   *
   * @param fraction in (0, 1)
   */
  public static <R extends TrainingRow> HoldOut<R> split(List<R> rows, double fraction, long seed) {
    Long2IntOpenHashMap sizes = new Long2IntOpenHashMap();
    for (R row : rows) {
      sizes.addTo(rank(row, seed), 1);
    }
    LongOpenHashSet chosen = choose(sizes, rows.size(), fraction);
    List<R> train = new ArrayList<>();
    List<R> heldOut = new ArrayList<>();
    for (R row : rows) {
      (chosen.contains(rank(row, seed)) ? heldOut : train).add(row);
    }
    return new HoldOut<>(train, heldOut, chosen.size());
  }

  private static LongOpenHashSet choose(Long2IntOpenHashMap sizes, int numPairs, double fraction) {
    long[] ranks = sizes.keySet().toLongArray();
    Arrays.sort(ranks);
    double target = fraction * numPairs;
    LongOpenHashSet chosen = new LongOpenHashSet();
    int held = 0;
    for (long rank : ranks) {
      int with = held + sizes.get(rank);
      boolean nearer = Math.abs(with - target) < Math.abs(held - target);
      if (nearer && with < numPairs) {
        chosen.add(rank);
        held = with;
      }
    }
    if (chosen.isEmpty() && ranks.length > 1) {
      long smallest = ranks[0];
      for (long rank : ranks) {
        smallest = sizes.get(rank) < sizes.get(smallest) ? rank : smallest;
      }
      chosen.add(smallest);
    }
    return chosen;
  }

  /** A place in an order that the seed decides; distinct prompts have distinct places. */
  private static long rank(TrainingRow row, long seed) {
    return SplitMix64.mix(row.promptHash() ^ SplitMix64.mix(seed));
  }
}
