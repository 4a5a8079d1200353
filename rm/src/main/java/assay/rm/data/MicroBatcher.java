package assay.rm.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Cuts an optimizer batch into parts that fit into memory and are about equal work: the ranks of a
 * run compute neighbouring parts at the same time, and wait for the slowest.
 *
 * <p>The cut depends on the batch and the budget alone, not on how many ranks there are: parts are
 * cut first and dealt out to ranks afterwards, so the sum of their gradients is the same. They come
 * in fours so that 1, 2 and 4 ranks are all busy.
 */
public final class MicroBatcher {
  /** The number of parts is a multiple of this, unless there are fewer pairs. */
  private static final int PARTS_AT_ONCE = 4;

  private MicroBatcher() {}

  /**
   * Puts the pairs, the longest first, into the part that has the fewest rows so far (Graham 1969,
   * "longest processing time": the largest part is at most 4/3 of the best possible). If a part
   * then exceeds the budget, there are more parts. A pair that alone has more runs alone.
   *
   * @param batch indices of pairs
   * @param computedRows the rows of the pair with an index, see {@link PreferencePair#computedRows}
   * @param budget the most rows of one part
   * @return the parts, the largest first; each keeps the batch's order
   */
  public static List<int[]> cut(int[] batch, IntUnaryOperator computedRows, int budget) {
    int[] rows = IntStream.of(batch).map(computedRows).toArray();
    long total = IntStream.of(rows).asLongStream().map(more -> Math.min(more, budget)).sum();
    int numParts = Math.toIntExact(Math.ceilDiv(total, budget));
    while (true) {
      numParts = Math.min(batch.length, Math.ceilDiv(numParts, PARTS_AT_ONCE) * PARTS_AT_ONCE);
      List<Part> parts = fill(numParts, rows);
      if (numParts == batch.length || parts.stream().allMatch(part -> part.fits(budget))) {
        parts.sort(Comparator.comparingLong((Part part) -> part.rows).reversed());
        return parts.stream().map(part -> part.indices(batch)).toList();
      }
      numParts++;
    }
  }

  private static final class Part {
    private final List<Integer> places = new ArrayList<>();
    private long rows;

    boolean fits(int budget) {
      return rows <= budget || places.size() == 1;
    }

    int[] indices(int[] batch) {
      return places.stream().sorted().mapToInt(place -> batch[place]).toArray();
    }
  }

  private static List<Part> fill(int numParts, int[] rows) {
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < numParts; i++) {
      parts.add(new Part());
    }
    Integer[] longestFirst = IntStream.range(0, rows.length).boxed().toArray(Integer[]::new);
    Arrays.sort(longestFirst, Comparator.comparingInt((Integer place) -> rows[place]).reversed());
    for (int place : longestFirst) {
      Part lightest = parts.getFirst();
      for (Part part : parts) {
        lightest = part.rows < lightest.rows ? part : lightest;
      }
      lightest.places.add(place);
      lightest.rows += rows[place];
    }
    return parts;
  }
}
