package assay.tensor.cuda;

import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.stream.IntStream;

/**
 * Who sees whom in a batch, as arrays on the GPU.
 *
 * @param pathRows the rows of every segment's path from the root on, one path after the other
 * @param queryPath for each query, where its segment's path begins in pathRows
 * @param queryPosition for each query
 * @param keySegment for each row
 * @param keyPosition for each row
 * @param seersStart for each segment, where its seers begin, and the end of the last
 * @param seers the queries of each segment on whose path a segment lies: first, one after the last
 */
record AttentionIndex(
    Tensor pathRows,
    Tensor queryPath,
    Tensor queryPosition,
    Tensor keySegment,
    Tensor keyPosition,
    Tensor seersStart,
    Tensor seers) {

  static AttentionIndex of(Segments segments, int[] queryRows, TensorArena arena) {
    int count = segments.count();
    IntStream.Builder pathRows = IntStream.builder();
    int numPathRows = 0;
    int[] pathStart = new int[count];
    for (int s = 0; s < count; s++) {
      pathStart[s] = numPathRows;
      numPathRows += segments.pathLength(s);
      IntStream.of(segments.pathRows(s)).forEach(pathRows::add);
    }
    int numQueries = queryRows == null ? segments.numRows() : queryRows.length;
    int[] queryPath = new int[numQueries];
    int[] queryPosition = new int[numQueries];
    int[] firstQuery = new int[count];
    int[] endQuery = new int[count];
    for (int i = numQueries - 1; i >= 0; i--) {
      int row = queryRows == null ? i : queryRows[i];
      int s = segments.segmentOf(row);
      queryPath[i] = pathStart[s];
      queryPosition[i] = segments.position(row);
      firstQuery[s] = i;
      endQuery[s] = Math.max(endQuery[s], i + 1);
    }
    int[] seersStart = new int[count + 1];
    IntStream.Builder seers = IntStream.builder();
    for (int s = 0; s < count; s++) {
      seersStart[s + 1] = seersStart[s];
      for (int other = s; other < count; other++) {
        if (endQuery[other] > firstQuery[other] && liesOnPath(segments, s, other)) {
          seers.add(firstQuery[other]);
          seers.add(endQuery[other]);
          seersStart[s + 1]++;
        }
      }
    }
    int[] keySegment = new int[segments.numRows()];
    for (int row = 0; row < keySegment.length; row++) {
      keySegment[row] = segments.segmentOf(row);
    }
    return new AttentionIndex(
        arena.ints(pathRows.build().toArray()),
        arena.ints(queryPath),
        arena.ints(queryPosition),
        arena.ints(keySegment),
        arena.ints(segments.positions()),
        arena.ints(seersStart),
        arena.ints(seers.build().toArray()));
  }

  private static boolean liesOnPath(Segments segments, int ancestor, int segment) {
    int s = segment;
    while (s > ancestor) { // a parent comes before its children
      s = segments.parent(s);
    }
    return s == ancestor;
  }
}
