package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HoldOutTest {
  /** Pairs with these prompts, in this order. */
  private static List<PreferencePair> pairs(List<Integer> prompts) {
    List<PreferencePair> pairs = new ArrayList<>();
    for (int prompt : prompts) {
      pairs.add(Fixtures.pair(SplitMix64.mix(prompt), pairs.size()));
    }
    return pairs;
  }

  private static List<PreferencePair> onePromptEach(int numPairs) {
    List<Integer> prompts = new ArrayList<>();
    for (int i = 0; i < numPairs; i++) {
      prompts.add(i);
    }
    return pairs(prompts);
  }

  private static Set<Long> prompts(List<PreferencePair> pairs) {
    return pairs.stream().map(PreferencePair::promptHash).collect(Collectors.toSet());
  }

  private static List<Long> lines(List<PreferencePair> pairs) {
    return pairs.stream().map(PreferencePair::line).toList();
  }

  @Property
  void everyPairIsOnOneSideAndEveryPromptToo(
      @ForAll @Size(min = 2, max = 60) List<@IntRange(min = 0, max = 20) Integer> prompts,
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double fraction,
      @ForAll long seed) {
    List<PreferencePair> all = pairs(prompts);
    HoldOut<PreferencePair> split = HoldOut.split(all, fraction, seed);

    List<Long> together = new ArrayList<>(lines(split.train()));
    together.addAll(lines(split.heldOut()));
    Collections.sort(together);
    assertEquals(lines(all), together);
    Set<Long> common = prompts(split.train());
    common.retainAll(prompts(split.heldOut()));
    assertEquals(Set.of(), common);
    assertEquals(prompts(split.heldOut()).size(), split.numPrompts());

    int numPrompts = new HashSet<>(prompts).size();
    assertFalse(split.train().isEmpty());
    assertEquals(numPrompts > 1, !split.heldOut().isEmpty());
    assertEquals(lines(split.train()).stream().sorted().toList(), lines(split.train()));
  }

  @Property
  void splitDependsOnPromptsAndSeedAndNotOnTheOrderOfRows(
      @ForAll @Size(min = 2, max = 40) List<@IntRange(min = 0, max = 20) Integer> prompts,
      @ForAll long seed) {
    List<PreferencePair> all = pairs(prompts);
    List<PreferencePair> mixed = new ArrayList<>(all);
    Collections.shuffle(mixed, new Random(1));
    assertEquals(
        prompts(HoldOut.split(all, 0.3, seed).heldOut()),
        prompts(HoldOut.split(mixed, 0.3, seed).heldOut()));
  }

  @Test
  void fractionIsMetToThePairWherePromptsAreDistinct() {
    assertEquals(50, HoldOut.split(onePromptEach(1000), 0.05, 42).heldOut().size());
    assertEquals(93, HoldOut.split(onePromptEach(1852), 0.05, 42).heldOut().size());
    assertEquals(1, HoldOut.split(onePromptEach(8), 0.01, 42).heldOut().size());
  }

  @Test
  void promptWithMostOfThePairsDoesNotSwellASmallFraction() {
    List<Integer> prompts = new ArrayList<>(Collections.nCopies(500, -1));
    for (int i = 0; i < 500; i++) {
      prompts.add(i);
    }
    for (long seed = 0; seed < 20; seed++) {
      assertEquals(100, HoldOut.split(pairs(prompts), 0.1, seed).heldOut().size());
    }
  }

  @Test
  void seedDecidesWhichPromptsAreHeldOut() {
    List<PreferencePair> all = onePromptEach(200);
    assertEquals(
        lines(HoldOut.split(all, 0.2, 7).heldOut()), lines(HoldOut.split(all, 0.2, 7).heldOut()));
    assertNotEquals(
        lines(HoldOut.split(all, 0.2, 7).heldOut()), lines(HoldOut.split(all, 0.2, 8).heldOut()));
  }

  @Test
  void promptsAreHeldOutEvenlyOverSeeds() {
    int[] held = new int[20];
    for (long seed = 0; seed < 2000; seed++) {
      for (PreferencePair pair : HoldOut.split(onePromptEach(20), 0.25, seed).heldOut()) {
        held[(int) pair.line()]++;
      }
    }
    // 500 each in the mean, standard deviation 19.
    for (int count : held) {
      assertTrue(count > 400 && count < 600, "held out " + count + " of 2000 times");
    }
  }
}
