package assay.tensor.cuda;

import assay.tensor.Segments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Who sees whom in a batch, cut into the tiles that blocks of threads work on: the arrays that
 * {@code attention.cuh} declares, one after the other.
 *
 * <p>The queries of a tile are of one segment, so that they share one path to the root; likewise
 * its keys. Tiles with more work come first: a block that begins last should soon be done.
 *
 * @param data the rows of the paths, then the other arrays
 * @param queryPosition where the positions of the queries begin in data
 * @param queryTiles where the tiles of queries begin
 * @param keyTiles where the tiles of keys begin
 * @param runs where the runs of queries that see a tile of keys begin
 */
record AttentionIndex(
    int[] data,
    int queryPosition,
    int queryTiles,
    int numQueryTiles,
    int keyTiles,
    int numKeyTiles,
    int runs) {

  /** A struct on the GPU. */
  private record Tile(long work, int... fields) {}

  /**
   * @param queryRows the row of each query, ascending; null if there is one for every row
   * @param tileRows the most rows of a tile
   * @param window as in {@link assay.tensor.AttentionConfig}
   */
  static AttentionIndex of(Segments segments, int[] queryRows, int tileRows, int window) {
    return new Builder(segments, queryRows, tileRows, window).build();
  }

  private static final class Builder {
    private final Segments segments;
    private final int tileRows;
    private final int window;
    private final int[] queryPosition;
    private final int[] firstQuery; // of each segment
    private final int[] endQuery; // one after the last
    private final IntStream.Builder pathRows = IntStream.builder();
    private final IntStream.Builder runs = IntStream.builder();
    private final List<Tile> queryTiles = new ArrayList<>();
    private final List<Tile> keyTiles = new ArrayList<>();
    private int numPathRows;
    private int numRuns;

    Builder(Segments segments, int[] queryRows, int tileRows, int window) {
      this.segments = segments;
      this.tileRows = tileRows;
      this.window = window;
      int numQueries = queryRows == null ? segments.numRows() : queryRows.length;
      queryPosition = new int[numQueries];
      firstQuery = new int[segments.count()];
      endQuery = new int[segments.count()];
      for (int i = numQueries - 1; i >= 0; i--) {
        int row = queryRows == null ? i : queryRows[i];
        int s = segments.segmentOf(row);
        queryPosition[i] = segments.position(row);
        firstQuery[s] = i;
        endQuery[s] = Math.max(endQuery[s], i + 1);
      }
    }

    AttentionIndex build() {
      int[][] seers = seers();
      for (int s = 0; s < segments.count(); s++) {
        addQueryTiles(s);
        addKeyTiles(s, seers[s]);
      }
      int[][] arrays = {
        pathRows.build().toArray(),
        queryPosition,
        heaviestFirst(queryTiles),
        heaviestFirst(keyTiles),
        runs.build().toArray()
      };
      int[] starts = new int[arrays.length];
      for (int i = 1; i < arrays.length; i++) {
        starts[i] = Math.addExact(starts[i - 1], arrays[i - 1].length);
      }
      return new AttentionIndex(
          Arrays.stream(arrays).flatMapToInt(Arrays::stream).toArray(),
          starts[1],
          starts[2],
          queryTiles.size(),
          starts[3],
          keyTiles.size(),
          starts[4]);
    }

    private boolean hasQueries(int s) {
      return firstQuery[s] < endQuery[s];
    }

    /** For each segment, those with queries on whose path it lies: itself and its descendants. */
    private int[][] seers() {
      IntStream.Builder[] seers = new IntStream.Builder[segments.count()];
      Arrays.setAll(seers, s -> IntStream.builder());
      for (int s = 0; s < segments.count(); s++) {
        if (hasQueries(s)) {
          for (int ancestor : segments.path(s)) {
            seers[ancestor].add(s);
          }
        }
      }
      return Arrays.stream(seers).map(list -> list.build().toArray()).toArray(int[][]::new);
    }

    /** QueryTile: path, first, count, start, end. */
    private void addQueryTiles(int s) {
      for (int first = firstQuery[s]; first < endQuery[s]; first += tileRows) {
        int count = Math.min(tileRows, endQuery[s] - first);
        int start = window > 0 ? Math.max(0, queryPosition[first] + 1 - window) : 0;
        int end = queryPosition[first + count - 1] + 1;
        queryTiles.add(new Tile((long) end - start, numPathRows, first, count, start, end));
      }
      if (hasQueries(s)) {
        numPathRows = Math.addExact(numPathRows, segments.pathLength(s));
        Arrays.stream(segments.pathRows(s)).forEach(pathRows::add);
      }
    }

    /** KeyTile: first, count, position, firstRun, endRun. Run: first, end. */
    private void addKeyTiles(int s, int[] seers) {
      for (int first = segments.start(s); first < segments.end(s); first += tileRows) {
        int count = Math.min(tileRows, segments.end(s) - first);
        int position = segments.position(first);
        int firstRun = numRuns;
        long work = 0;
        for (int seer : seers) {
          int begin = firstQueryFrom(seer, position);
          int end = endQuery[seer];
          if (window > 0) {
            end = firstQueryFrom(seer, (long) position + count - 1 + window);
          }
          if (begin < end) {
            runs.add(begin);
            runs.add(end);
            numRuns++;
            work += end - begin;
          }
        }
        keyTiles.add(new Tile(work, first, count, position, firstRun, numRuns));
      }
    }

    /** The first query of a segment at this position or after it. */
    private int firstQueryFrom(int s, long position) {
      int wanted = (int) Math.min(position, Integer.MAX_VALUE);
      int found = Arrays.binarySearch(queryPosition, firstQuery[s], endQuery[s], wanted);
      return found >= 0 ? found : -found - 1;
    }

    private static int[] heaviestFirst(List<Tile> tiles) {
      tiles.sort(Comparator.comparingLong(Tile::work).reversed());
      return tiles.stream().flatMapToInt(tile -> Arrays.stream(tile.fields)).toArray();
    }
  }
}
