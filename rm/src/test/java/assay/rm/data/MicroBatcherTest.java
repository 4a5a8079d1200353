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
  void partsAreFilledInOrderAndALongPairRunsAlone() {
    int[] rows = {4, 6, 1, 50, 3, 3, 4};
    List<int[]> parts = MicroBatcher.cut(new int[] {6, 5, 4, 3, 2, 1, 0}, i -> rows[i], 10);
    assertEquals(4, parts.size());
    assertArrayEquals(new int[] {6, 5, 4}, parts.get(0));
    assertArrayEquals(new int[] {3}, parts.get(1));
    assertArrayEquals(new int[] {2, 1}, parts.get(2));
    assertArrayEquals(new int[] {0}, parts.get(3));
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
    assertArrayEquals(batch, parts.stream().flatMapToInt(Arrays::stream).toArray());
    for (int i = 0; i < parts.size(); i++) {
      int sum = Arrays.stream(parts.get(i)).map(rows::get).sum();
      assertTrue(sum <= budget || parts.get(i).length == 1);
      if (i + 1 < parts.size()) {
        // The next pair would not have fitted.
        assertTrue(sum + rows.get(parts.get(i + 1)[0]) > budget);
      }
    }
  }
}
