package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MicroBatcherTest {
  @Test
  void partsAreEqualWorkAndALongPairRunsAlone() {
    int[] rows = {4, 6, 1, 50, 3, 3, 4};
    List<int[]> parts = MicroBatcher.cut(new int[] {6, 5, 4, 3, 2, 1, 0}, i -> rows[i], 10);
    assertEquals(4, parts.size());
    assertArrayEquals(new int[] {3}, parts.get(0)); // 50
    assertArrayEquals(new int[] {2, 1}, parts.get(1)); // 1 + 6
    assertArrayEquals(new int[] {6, 5}, parts.get(2)); // 4 + 3
    assertArrayEquals(new int[] {4, 0}, parts.get(3)); // 3 + 4
  }

  @Test
  void emptyBatchHasNoParts() {
    assertEquals(List.of(), MicroBatcher.cut(new int[0], i -> 1, 10));
  }

  @Property
  void partsPutTogetherAreTheBatchAndKeepTheBudget(
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 30) Integer> rows,
      @ForAll @IntRange(min = 1, max = 60) int budget) {
    int[] batch = IntStream.range(0, rows.size()).toArray();
    List<int[]> parts = MicroBatcher.cut(batch, rows::get, budget);
    assertArrayEquals(batch, parts.stream().flatMapToInt(Arrays::stream).sorted().toArray());
    assertTrue(parts.size() % 4 == 0 || parts.size() == batch.length);
    int before = Integer.MAX_VALUE;
    for (int[] part : parts) {
      int sum = Arrays.stream(part).map(rows::get).sum();
      assertTrue(part.length > 0 && (sum <= budget || part.length == 1));
      assertTrue(sum <= before);
      before = sum;
    }
  }

  /** Graham's bound for the longest-first rule, against the average, which none can beat. */
  @Property
  void noPartHasMuchMoreThanTheOthers(
      @ForAll @Size(min = 4, max = 60) List<@IntRange(min = 1, max = 30) Integer> rows) {
    int[] batch = IntStream.range(0, rows.size()).toArray();
    List<int[]> parts = MicroBatcher.cut(batch, rows::get, 1_000_000);
    int longest = rows.stream().mapToInt(x -> x).max().orElseThrow();
    int largest = Arrays.stream(parts.getFirst()).map(rows::get).sum();
    int smallest = Arrays.stream(parts.getLast()).map(rows::get).sum();
    assertTrue(largest - smallest <= longest);
  }
}
