package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchSamplerTest {
  private static List<int[]> rest(BatchSampler sampler) {
    List<int[]> batches = new ArrayList<>();
    while (sampler.hasNext()) {
      batches.add(sampler.next());
    }
    return batches;
  }

  private static int[] joined(List<int[]> batches) {
    return batches.stream().flatMapToInt(Arrays::stream).toArray();
  }

  @Test
  void withoutShuffleBatchesFollowTheRowsAndTheLastIsShort() {
    List<int[]> batches = rest(new BatchSampler(7, 3, false, 42, 2, 0));
    assertEquals(6, batches.size());
    assertArrayEquals(new int[] {0, 1, 2}, batches.get(0));
    assertArrayEquals(new int[] {6}, batches.get(2));
    assertArrayEquals(new int[] {0, 1, 2}, batches.get(3));
  }

  @Test
  void maxStepsWinsOverEpochsAndTheDataRepeats() {
    BatchSampler sampler = new BatchSampler(5, 4, false, 42, 1, 7);
    assertEquals(7, sampler.numSteps());
    assertEquals(2, sampler.stepsPerEpoch());
    List<int[]> batches = rest(sampler);
    assertEquals(7, batches.size());
    assertArrayEquals(new int[] {0, 1, 2, 3}, batches.get(6));
    assertThrows(IllegalStateException.class, sampler::next);
  }

  @Property
  void everyEpochVisitsEveryPairOnce(
      @ForAll @IntRange(min = 1, max = 50) int numPairs,
      @ForAll @IntRange(min = 1, max = 20) int batchSize,
      @ForAll long seed) {
    BatchSampler sampler = new BatchSampler(numPairs, batchSize, true, seed, 3, 0);
    int[] visits = joined(rest(sampler));
    assertEquals(3 * numPairs, visits.length);
    for (int epoch = 0; epoch < 3; epoch++) {
      int[] visited = Arrays.copyOfRange(visits, epoch * numPairs, (epoch + 1) * numPairs);
      Arrays.sort(visited);
      assertArrayEquals(IntStream.range(0, numPairs).toArray(), visited);
    }
  }

  @Property
  void resumingAtAnyStepGoesOnAsIfNothingHadHappened(
      @ForAll @IntRange(min = 1, max = 30) int numPairs,
      @ForAll @IntRange(min = 1, max = 8) int batchSize,
      @ForAll @IntRange(min = 1, max = 40) int maxSteps,
      @ForAll @IntRange(min = 0, max = 40) int stopAfter,
      @ForAll long seed) {
    BatchSampler uninterrupted = new BatchSampler(numPairs, batchSize, true, seed, 1, maxSteps);
    for (int i = 0; i < Math.min(stopAfter, maxSteps); i++) {
      uninterrupted.next();
    }
    BatchSampler resumed = new BatchSampler(numPairs, batchSize, true, seed, 1, maxSteps);
    resumed.resume(uninterrupted.state());
    assertEquals(uninterrupted.step(), resumed.step());
    assertArrayEquals(joined(rest(uninterrupted)), joined(rest(resumed)));
    assertEquals(uninterrupted.state(), resumed.state());
  }

  @Test
  void stateOfOtherDataIsRefused() {
    BatchSampler sampler = new BatchSampler(10, 4, true, 42, 2, 0);
    for (BatchSampler.State state :
        List.of(
            new BatchSampler.State(0, 3),
            new BatchSampler.State(0, 12),
            new BatchSampler.State(-1, 0),
            new BatchSampler.State(2, 4))) {
      InvalidInputException e =
          assertThrows(InvalidInputException.class, () -> sampler.resume(state));
      assertTrue(e.getMessage().contains("was the recipe or the data changed?"), e.getMessage());
    }
    sampler.resume(new BatchSampler.State(2, 0));
    assertFalse(sampler.hasNext());
  }

  @Test
  void epochsAndSeedsHaveOrdersOfTheirOwn() {
    int[] first = Shuffle.order(100, 42, 0);
    assertFalse(Arrays.equals(first, Shuffle.order(100, 42, 1)));
    assertFalse(Arrays.equals(first, Shuffle.order(100, 43, 0)));
    assertFalse(Arrays.equals(Shuffle.order(100, 42, 1), Shuffle.order(100, 43, 0)));
    assertArrayEquals(first, Shuffle.order(100, 42, 0));
  }

  @Test
  void shuffleIsUniform() {
    int[][] counts = new int[4][4];
    for (int seed = 0; seed < 12_000; seed++) {
      int[] order = Shuffle.order(4, seed, 0);
      for (int place = 0; place < 4; place++) {
        counts[place][order[place]]++;
      }
    }
    // 3000 each in the mean, standard deviation 47.
    for (int[] row : counts) {
      for (int count : row) {
        assertTrue(count > 2750 && count < 3250, "counted " + count);
      }
    }
  }

  /** The values that Rosetta Code gives for SplitMix64 with the seed 1234567. */
  @Test
  void generatorGivesThePublishedValues() {
    SplitMix64 random = new SplitMix64(1234567);
    assertEquals(6457827717110365317L, random.nextLong());
    assertEquals(3203168211198807973L, random.nextLong());
    assertEquals(Long.parseUnsignedLong("9817491932198370423"), random.nextLong());
    assertEquals(4593380528125082431L, random.nextLong());
    assertEquals(Long.parseUnsignedLong("16408922859458223821"), random.nextLong());
  }

  @Test
  void boundedNumbersStayBelowTheirBound() {
    SplitMix64 random = new SplitMix64(1);
    for (int bound : new int[] {1, 2, 3, 1000, (1 << 30) + 1, Integer.MAX_VALUE}) {
      for (int i = 0; i < 1000; i++) {
        int value = random.nextInt(bound);
        assertTrue(value >= 0 && value < bound);
      }
    }
  }
}
