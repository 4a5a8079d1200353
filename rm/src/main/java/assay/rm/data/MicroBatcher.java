package assay.rm.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Cuts an optimizer batch into parts that fit into memory. The cut depends on the batch and the
 * budget alone, not on ranks: parts are cut first and dealt out to ranks afterwards.
 */
public final class MicroBatcher {
  private MicroBatcher() {}

  /**
   * Fills one part after the other, in the batch's order, as long as the computed rows stay within
   * the budget. A pair that alone has more runs alone.
   *
   * @param batch indices of pairs
   * @param computedRows the rows of the pair with an index, see {@link PreferencePair#computedRows}
   * @param budget the most rows of one part
   * @return the parts; put together they are the batch
   */
  public static List<int[]> cut(int[] batch, IntUnaryOperator computedRows, int budget) {
    List<int[]> parts = new ArrayList<>();
    int start = 0;
    long rows = 0;
    for (int i = 0; i < batch.length; i++) {
      int more = computedRows.applyAsInt(batch[i]);
      if (i > start && rows + more > budget) {
        parts.add(Arrays.copyOfRange(batch, start, i));
        start = i;
        rows = 0;
      }
      rows += more;
    }
    if (start < batch.length) {
      parts.add(Arrays.copyOfRange(batch, start, batch.length));
    }
    return parts;
  }
}
