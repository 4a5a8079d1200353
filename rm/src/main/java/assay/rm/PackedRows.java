package assay.rm;

import assay.rm.data.PreferencePair;
import assay.tensor.Segments;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Token sequences laid end to end for the transformer, with the row where each one's score is read:
 * its last token.
 *
 * @param ids {@code [T]}
 * @param readRows one for each sequence, ascending
 */
public record PackedRows(int[] ids, Segments segments, int[] readRows) {
  /** Tokens in common for which a branch within a tree is worth a segment of its own. */
  private static final int MIN_BRANCH = 8;

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
      readLast(1);
    }

    void readLast(int count) {
      for (int row = ids.size() - count; row < ids.size(); row++) {
        readRows.add(row);
      }
    }

    PackedRows build() {
      Segments segments = Segments.of(lengths.toIntArray(), parents.toIntArray());
      return new PackedRows(ids.toIntArray(), segments, readRows.toIntArray());
    }
  }

  /** Sequences that have nothing to do with each other. */
  public static PackedRows sequences(List<int[]> sequences) {
    return sequences(sequences, 1);
  }

  /** As {@link #sequences(List)}, each read at its last {@code numRead} tokens. */
  public static PackedRows sequences(List<int[]> sequences, int numRead) {
    Builder builder = new Builder();
    for (int[] tokens : sequences) {
      builder.add(Segments.NONE, tokens, 0, tokens.length);
      builder.readLast(numRead);
    }
    return builder.build();
  }

  /** Preference pairs: two read rows a pair, chosen before rejected. */
  static PackedRows pairs(IntFunction<PreferencePair> pairs, int[] indices, boolean sharePrompts) {
    List<List<int[]>> groups = new ArrayList<>();
    for (int index : indices) {
      PreferencePair pair = pairs.apply(index);
      List<int[]> sides = List.of(pair.chosenIds(), pair.rejectedIds());
      if (sharePrompts) {
        groups.add(sides);
      } else {
        sides.forEach(side -> groups.add(List.of(side)));
      }
    }
    return groups(groups);
  }

  /**
   * Groups of sequences, each group a tree: what all of a group have in common at the start becomes
   * one segment, the rest of each its child; neighbours that go on alike are a tree in turn. A leaf
   * keeps at least one token.
   */
  public static PackedRows groups(List<List<int[]>> groups) {
    Builder builder = new Builder();
    for (List<int[]> group : groups) {
      addTree(builder, Segments.NONE, 0, group);
    }
    return builder.build();
  }

  /**
   * Adds sequences below a segment.
   *
   * @param start tokens of each that stand above
   */
  private static void addTree(Builder builder, int above, int start, List<int[]> sequences) {
    int shared = sequences.size() < 2 ? start : sharedPrefix(sequences);
    int parent = shared == start ? above : builder.add(above, sequences.getFirst(), start, shared);
    for (int from = 0, to; from < sequences.size(); from = to) {
      to = from + 1;
      while (to < sequences.size() && goOnAlike(sequences.get(from), sequences.get(to), shared)) {
        to++;
      }
      if (to - from > 1) {
        addTree(builder, parent, shared, sequences.subList(from, to));
      } else {
        int[] tokens = sequences.get(from);
        builder.add(parent, tokens, shared, tokens.length);
        builder.readLast();
      }
    }
  }

  private static boolean goOnAlike(int[] one, int[] other, int shared) {
    return sharedPrefix(List.of(one, other)) >= shared + MIN_BRANCH;
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

  /** The rows of the sequence that is read at a row, from its first token to the one there. */
  public int[] sequenceRows(int readRow) {
    int[] path = segments.pathRows(segments.segmentOf(readRow));
    return Arrays.copyOf(path, segments.position(readRow) + 1);
  }

  /** The same layout, read at other rows. */
  public PackedRows readAt(int[] rows) {
    return new PackedRows(ids, segments, rows);
  }

  /** Rows that are computed. */
  public int numRows() {
    return ids.length;
  }
}
