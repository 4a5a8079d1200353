package assay.rm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Sequences from anywhere, in batches that share what begins alike. */
class PrefixBatchesTest {
  @Test
  void sequencesThatBeginAlikeBecomeNeighbours() {
    int[] prompt = new int[40];
    Arrays.fill(prompt, 7);
    List<int[]> sequences = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int[] ids = i % 2 == 0 ? Arrays.copyOf(prompt, 45) : new int[45];
      ids[44] = 10 + i;
      sequences.add(ids);
    }
    List<int[]> batches = PrefixBatches.cut(sequences, 1000, true);
    assertEquals(1, batches.size());
    assertArrayEquals(new int[] {1, 3, 5, 0, 2, 4}, batches.getFirst());
    List<int[]> sorted = Arrays.stream(batches.getFirst()).mapToObj(sequences::get).toList();
    assertEquals(2 * 44 + 6, PackedRows.groups(List.of(sorted)).numRows());
  }

  @Property
  void everySequenceIsInOneBatchWithinTheBudget(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int budget) {
    Random random = new Random(seed);
    List<int[]> sequences = new ArrayList<>();
    for (int i = random.nextInt(20); i >= 0; i--) {
      sequences.add(random.ints(1 + random.nextInt(12), 0, 2).toArray());
    }
    List<int[]> batches = PrefixBatches.cut(sequences, budget, false);
    int[] seen = batches.stream().flatMapToInt(Arrays::stream).sorted().toArray();
    int[] all = new int[sequences.size()];
    Arrays.setAll(all, i -> i);
    assertArrayEquals(all, seen);
    for (int[] batch : batches) {
      int rows = Arrays.stream(batch).map(i -> sequences.get(i).length).sum();
      assertTrue(batch.length == 1 || rows <= budget, rows + " rows");
    }
  }
}
