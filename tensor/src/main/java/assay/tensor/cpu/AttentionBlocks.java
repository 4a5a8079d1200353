package assay.tensor.cpu;

import assay.tensor.AttentionConfig;
import assay.tensor.Segments;
import java.util.Arrays;

/**
 * The queries of one segment that share a key-value head, cut into blocks of W columns: column
 * {@code c} is query {@code c % numQueries} of head {@code firstHead + c / numQueries}.
 *
 * @param firstHead the first of the query heads
 * @param numHeads query heads: the group of the key-value head, or a part of it
 * @param firstQuery index of the segment's first query among all
 * @param numQueries of the segment
 */
record AttentionBlocks(
    AttentionConfig config,
    Segments segments,
    int[] queryRows,
    int segment,
    int keyHead,
    int firstHead,
    int numHeads,
    int firstQuery,
    int numQueries) {

  /** The queries of a segment; there may be none. */
  static AttentionBlocks of(
      AttentionConfig config, Segments segments, int[] queryRows, int segment, int keyHead) {
    int first = segments.start(segment);
    int end = segments.end(segment);
    if (queryRows != null) {
      first = lowerBound(queryRows, first);
      end = lowerBound(queryRows, end);
    }
    int groupSize = config.groupSize();
    return new AttentionBlocks(
        config,
        segments,
        queryRows,
        segment,
        keyHead,
        keyHead * groupSize,
        groupSize,
        first,
        end - first);
  }

  /** One of numParts equal parts of the heads. */
  AttentionBlocks part(int part, int numParts) {
    int size = numHeads / numParts;
    return new AttentionBlocks(
        config,
        segments,
        queryRows,
        segment,
        keyHead,
        firstHead + part * size,
        size,
        firstQuery,
        numQueries);
  }

  private static int lowerBound(int[] sorted, int value) {
    int found = Arrays.binarySearch(sorted, value);
    return found >= 0 ? found : -found - 1;
  }

  /** Keys up to the last query's position: nobody sees one behind it. */
  int numVisibleKeys() {
    int last = firstQuery + numQueries - 1;
    return segments.position(queryRows == null ? last : queryRows[last]) + 1;
  }

  int numColumns() {
    return numHeads * numQueries;
  }

  int numBlocks(int width) {
    return Math.ceilDiv(numColumns(), width);
  }

  /** Index of the query of a column, among all queries. */
  int query(int column) {
    return firstQuery + column % numQueries;
  }

  int position(int column) {
    int query = query(column);
    return segments.position(queryRows == null ? query : queryRows[query]);
  }

  /** The query head of a column. */
  int head(int column) {
    return firstHead + column / numQueries;
  }

  /**
   * A block's columns, the keys any of them sees, and their positions.
   *
   * @param keysFrom a multiple of the chunk
   */
  record Block(int first, int count, int keysFrom, int keysTo) {}

  /** Finds a block's keys and fills in the positions of its columns. */
  Block block(int index, int width, float[] positions) {
    int first = index * width;
    int count = Math.min(width, numColumns() - first);
    int lowest = Integer.MAX_VALUE;
    int highest = 0;
    Arrays.fill(positions, -1);
    for (int c = 0; c < count; c++) {
      int position = position(first + c);
      positions[c] = position;
      lowest = Math.min(lowest, position);
      highest = Math.max(highest, position);
    }
    int from = config.window() > 0 ? Math.max(0, lowest - config.window() + 1) : 0;
    int chunk = AttentionPanels.CHUNK;
    return new Block(first, count, from / chunk * chunk, highest + 1);
  }

  /** What a run of columns of one head means in a matrix {@code [queries, heads * headDim]}. */
  interface Run {
    /** {@code count} columns from {@code column} on are rows from {@code address} on. */
    void accept(int column, int count, long address);
  }

  /** Visits a block's columns by runs of one head. */
  void forRuns(Block block, long address, Run run) {
    long headBytes = 4L * config.headDim();
    int c = 0;
    while (c < block.count()) {
      int column = block.first() + c;
      int count = Math.min(block.count() - c, numQueries - column % numQueries);
      run.accept(c, count, address + query(column) * rowBytes() + head(column) * headBytes);
      c += count;
    }
  }

  /** Bytes of a row of queries. */
  long rowBytes() {
    return 4L * config.headDim() * config.numHeads();
  }
}
