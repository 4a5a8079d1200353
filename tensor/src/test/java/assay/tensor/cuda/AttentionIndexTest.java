package assay.tensor.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.AttentionConfig;
import assay.tensor.Segments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The tiles of an index are walked here as {@code attention_1.cu} and its successors walk them. */
class AttentionIndexTest {
  @Property(tries = 300)
  void tilesHoldEveryVisiblePairOnce(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 12) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 5) int branching,
      @ForAll @IntRange(min = 1, max = 9) int tileRows,
      @ForAll @IntRange(min = 0, max = 15) int window,
      @ForAll @IntRange(min = 1, max = 4) int everyHowManyRows) {
    int[] parents = new int[lengths.size()];
    Arrays.setAll(parents, s -> s % branching == 0 ? Segments.NONE : s - 1 - s % branching / 2);
    Segments segments =
        Segments.of(lengths.stream().mapToInt(Integer::intValue).toArray(), parents);
    int[] queryRows =
        IntStream.range(0, segments.numRows()).filter(row -> row % everyHowManyRows == 0).toArray();
    AttentionConfig config = new AttentionConfig(1, 1, 1, 1, 0, window);
    int[][] expected = visible(config, segments, queryRows);
    AttentionIndex index = AttentionIndex.of(segments, queryRows, tileRows, window);
    assertEquals(
        Arrays.deepToString(expected),
        Arrays.deepToString(byQueryTiles(index, config, segments, queryRows.length, tileRows)));
    assertEquals(
        Arrays.deepToString(expected),
        Arrays.deepToString(byKeyTiles(index, config, segments, queryRows.length, tileRows)));
  }

  private static int[][] visible(AttentionConfig config, Segments segments, int[] queryRows) {
    int[][] pairs = new int[queryRows.length][segments.numRows()];
    for (int i = 0; i < queryRows.length; i++) {
      for (int key : segments.pathRows(segments.segmentOf(queryRows[i]))) {
        if (config.isVisible(segments.position(queryRows[i]), segments.position(key))) {
          pairs[i][key]++;
        }
      }
    }
    return pairs;
  }

  private static int[][] byQueryTiles(
      AttentionIndex index,
      AttentionConfig config,
      Segments segments,
      int numQueries,
      int tileRows) {
    int[][] pairs = new int[numQueries][segments.numRows()];
    List<Integer> work = new ArrayList<>();
    for (int t = 0; t < index.numQueryTiles(); t++) {
      int[] tile = fields(index, index.queryTiles(), t); // path, first, count, start, end
      assertTrue(tile[2] <= tileRows);
      work.add(tile[3] - tile[4]);
      for (int i = tile[1]; i < tile[1] + tile[2]; i++) {
        for (int position = tile[3]; position < tile[4]; position++) {
          if (config.isVisible(index.data()[index.queryPosition() + i], position)) {
            pairs[i][index.data()[tile[0] + position]]++;
          }
        }
      }
    }
    assertEquals(work.stream().sorted().toList(), work, "the heaviest first");
    return pairs;
  }

  private static int[][] byKeyTiles(
      AttentionIndex index,
      AttentionConfig config,
      Segments segments,
      int numQueries,
      int tileRows) {
    int[][] pairs = new int[numQueries][segments.numRows()];
    for (int t = 0; t < index.numKeyTiles(); t++) {
      int[] tile = fields(index, index.keyTiles(), t); // first, count, position, firstRun, endRun
      assertTrue(tile[1] <= tileRows);
      for (int run = tile[3]; run < tile[4]; run++) {
        int first = index.data()[index.runs() + 2 * run];
        int end = index.data()[index.runs() + 2 * run + 1];
        assertTrue(first < end, "no run is empty");
        for (int i = first; i < end; i++) {
          int seen = 0;
          for (int k = 0; k < tile[1]; k++) {
            if (config.isVisible(index.data()[index.queryPosition() + i], tile[2] + k)) {
              pairs[i][tile[0] + k]++;
              seen++;
            }
          }
          assertTrue(seen > 0, "each query of a run sees a key of the tile");
        }
      }
    }
    return pairs;
  }

  private static int[] fields(AttentionIndex index, int array, int tile) {
    return Arrays.copyOfRange(index.data(), array + 5 * tile, array + 5 * (tile + 1));
  }
}
