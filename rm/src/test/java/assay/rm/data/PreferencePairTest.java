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

class PreferencePairTest {
  private static int shared(int[] chosen, int[] rejected) {
    return PreferencePair.sharedPrefix(chosen, rejected);
  }

  @Test
  void sharedPrefixEndsWhereTokensDiffer() {
    assertEquals(2, shared(new int[] {1, 2, 3, 9}, new int[] {1, 2, 4, 9}));
    assertEquals(0, shared(new int[] {1, 2}, new int[] {3, 2}));
  }

  @Test
  void eachSideKeepsATokenAlsoWhereOneIsTheOthersBeginning() {
    assertEquals(2, shared(new int[] {1, 2, 3}, new int[] {1, 2, 3, 4}));
    assertEquals(2, shared(new int[] {1, 2, 3, 4}, new int[] {1, 2, 3}));
    assertEquals(0, shared(new int[] {1}, new int[] {1, 2}));
    assertEquals(0, shared(new int[] {1}, new int[] {2}));
  }

  @Test
  void computedRowsCountTheSharedPrefixOnce() {
    PreferencePair pair =
        new PreferencePair(new int[] {1, 2, 3, 4, 5}, new int[] {1, 2, 3, 6}, 0, "", "", "f", 1, 0);
    assertEquals(6, pair.computedRows(true));
    assertEquals(9, pair.computedRows(false));
  }

  @Property
  void prefixAndTailsPutTogetherAreTheSides(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 0, max = 2) Integer> chosenList,
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 0, max = 2) Integer> rejectedList) {
    int[] chosen = chosenList.stream().mapToInt(Integer::intValue).toArray();
    int[] rejected = rejectedList.stream().mapToInt(Integer::intValue).toArray();
    int shared = shared(chosen, rejected);
    assertTrue(shared < chosen.length && shared < rejected.length);
    assertArrayEquals(Arrays.copyOf(chosen, shared), Arrays.copyOf(rejected, shared));
    boolean longest =
        chosen[shared] != rejected[shared]
            || shared + 1 == Math.min(chosen.length, rejected.length);
    assertTrue(longest);
    int[] again =
        IntStream.concat(
                Arrays.stream(rejected, 0, shared), Arrays.stream(chosen, shared, chosen.length))
            .toArray();
    assertArrayEquals(chosen, again);
  }
}
