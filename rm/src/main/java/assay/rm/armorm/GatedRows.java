package assay.rm.armorm;

import assay.rm.PackedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * Token sequences laid end to end, and the rows at which an ArmoRM reads each: its last token and
 * the gate's. Sequences that share their prompt share the gate's row too.
 *
 * @param rows the layout; its own read rows are the last tokens
 * @param readRows both kinds, ascending, each once: R of them
 * @param gates for each of S sequences the index of its gate's row among the read rows
 * @param lasts likewise of its last row
 */
record GatedRows(PackedRows rows, int[] readRows, int[] gates, int[] lasts) {
  /** A sequence and the token that its gate reads. */
  record Sequence(int[] ids, int gate) {}

  /** Groups of sequences; those of a group share what they have in common at the start. */
  static GatedRows groups(List<List<Sequence>> groups) {
    List<List<int[]>> ids = new ArrayList<>();
    for (List<Sequence> group : groups) {
      ids.add(group.stream().map(Sequence::ids).toList());
    }
    PackedRows rows = PackedRows.groups(ids);
    int[] lastRows = rows.readRows(); // [S]
    int[] gateRows = gateRows(groups, ids, lastRows.length); // [S]
    TreeSet<Integer> read = new TreeSet<>();
    Arrays.stream(lastRows).forEach(read::add);
    Arrays.stream(gateRows).forEach(read::add);
    int[] readRows = read.stream().mapToInt(row -> row).toArray(); // [R]
    return new GatedRows(rows, readRows, indices(readRows, gateRows), indices(readRows, lastRows));
  }

  private static int[] gateRows(
      List<List<Sequence>> groups, List<List<int[]>> ids, int numSequences) {
    int[] gateRows = new int[numSequences];
    int next = 0;
    int start = 0; // of the segment that is being laid out
    for (int g = 0; g < groups.size(); g++) {
      int groupStart = start;
      int shared = ids.get(g).size() < 2 ? 0 : PackedRows.sharedPrefix(ids.get(g));
      start += shared;
      for (Sequence sequence : groups.get(g)) {
        int gate = sequence.gate();
        gateRows[next++] = gate < shared ? groupStart + gate : start + gate - shared;
        start += sequence.ids().length - shared;
      }
    }
    return gateRows;
  }

  private static int[] indices(int[] readRows, int[] wanted) {
    return Arrays.stream(wanted).map(row -> Arrays.binarySearch(readRows, row)).toArray();
  }
}
