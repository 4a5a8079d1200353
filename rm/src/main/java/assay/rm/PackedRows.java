package assay.rm;

import assay.tensor.Segments;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Token sequences laid end to end for the transformer, with the row where each one's score is read:
 * its last token.
 *
 * @param ids {@code [T]}
 * @param readRows one for each sequence, ascending
 */
public record PackedRows(int[] ids, Segments segments, int[] readRows) {
  /** Collects segments in order. */
  private static final class Builder {
    private final IntArrayList ids = new IntArrayList();
    private final IntArrayList lengths = new IntArrayList();
    private final IntArrayList parents = new IntArrayList();
    private final IntArrayList readRows = new IntArrayList();

    /** Adds a segment; its index. */
    int add(int parent, int[] tokens, int from, int to) {
      ids.addElements(ids.size(), tokens, from, to - from);
      lengths.add(to - from);
      parents.add(parent);
      return lengths.size() - 1;
    }

    void readLast() {
      readRows.add(ids.size() - 1);
    }

    PackedRows build() {
      Segments segments = Segments.of(lengths.toIntArray(), parents.toIntArray());
      return new PackedRows(ids.toIntArray(), segments, readRows.toIntArray());
    }
  }

  /** Sequences that have nothing to do with each other. */
  public static PackedRows sequences(List<int[]> sequences) {
    Builder builder = new Builder();
    for (int[] tokens : sequences) {
      builder.add(Segments.NONE, tokens, 0, tokens.length);
      builder.readLast();
    }
    return builder.build();
  }

  /**
   * Groups of sequences, each group a tree: what all of a group have in common at the start becomes
   * one segment, the rest of each its child. A child keeps at least one token.
   */
  public static PackedRows groups(List<List<int[]>> groups) {
    Builder builder = new Builder();
    for (List<int[]> group : groups) {
      int shared = group.size() < 2 ? 0 : sharedPrefix(group);
      int parent =
          shared == 0 ? Segments.NONE : builder.add(Segments.NONE, group.getFirst(), 0, shared);
      for (int[] tokens : group) {
        builder.add(parent, tokens, shared, tokens.length);
        builder.readLast();
      }
    }
    return builder.build();
  }

  /** Tokens that all sequences begin with, leaving each at least one of its own. */
  public static int sharedPrefix(List<int[]> sequences) {
    int[] first = sequences.getFirst();
    int shared = first.length - 1;
    for (int[] other : sequences) {
      int limit = Math.min(shared, other.length - 1);
      int mismatch = Arrays.mismatch(first, 0, limit, other, 0, limit);
      shared = mismatch < 0 ? limit : mismatch;
    }
    return shared;
  }

  /** Rows that are computed. */
  public int numRows() {
    return ids.length;
  }
}
