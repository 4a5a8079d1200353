package assay.rm.data;

import assay.tensor.InvalidInputException;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Sets rated texts aside, to choose by and to be judged by. */
public final class RatingSplit {
  private RatingSplit() {}

  /**
   * The rows that are held out: those of a share of the prompts that the seed draws, so that no
   * prompt is on both sides.
   *
   * @param fraction of the prompts, in (0, 1)
   * @param byPrompt false to draw rows as upstream does, which lets answers to a held-out prompt be
   *     trained on
   * @throws InvalidInputException if an attribute has no rating on one of the two sides
   */
  public static BitSet heldOut(
      List<AttributeRow> rows,
      List<String> attributes,
      double fraction,
      boolean byPrompt,
      long seed) {
    long[] ranks = new long[rows.size()];
    for (int i = 0; i < ranks.length; i++) {
      long key = byPrompt ? rows.get(i).promptHash() : SplitMix64.mix(i);
      ranks[i] = SplitMix64.mix(key ^ SplitMix64.mix(seed));
    }
    long[] ordered =
        IntStream.range(0, ranks.length).mapToLong(i -> ranks[i]).sorted().distinct().toArray();
    int count = (int) Math.ceil(fraction * ordered.length);
    BitSet heldOut = new BitSet(ranks.length);
    for (int i = 0; i < ranks.length; i++) {
      heldOut.set(i, count == ordered.length || ranks[i] < ordered[count]);
    }
    requireBothSides(rows, attributes, heldOut);
    return heldOut;
  }

  private static void requireBothSides(
      List<AttributeRow> rows, List<String> attributes, BitSet heldOut) {
    for (int k = 0; k < attributes.size(); k++) {
      int attribute = k;
      int[] rated =
          IntStream.range(0, rows.size())
              .filter(i -> !Float.isNaN(rows.get(i).ratings()[attribute]))
              .toArray();
      long outside = IntStream.of(rated).filter(heldOut::get).count();
      if (outside == 0 || outside == rated.length) {
        throw new InvalidInputException(
            "armorm.attributes: '%s' has %d ratings, of which %d are held out; it needs some on each"
                    .formatted(attributes.get(k), rated.length, outside)
                + " side: more rows, or another training.seed");
      }
    }
  }
}
