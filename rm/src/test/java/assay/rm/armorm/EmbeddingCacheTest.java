package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States on disk: whole, resumable, and refused where they are not this run's. */
class EmbeddingCacheTest {
  private static final int HIDDEN = 3;
  private static final int NUM_TEXTS = 2 * EmbeddingCache.SHARD_ROWS + 7;

  @TempDir private Path folder;

  /** What was computed, to see what is computed again. */
  private final List<EmbeddedText> computed = new ArrayList<>();

  /** The published script gives every shard one name, so that the last one alone remains. */
  @Test
  void everyShardsRowsAreReadBack() {
    EmbeddingCache cache = cache("model", texts(NUM_TEXTS));
    assertTrue(fill(cache, 99));
    for (int state = 0; state < 3; state++) {
      int expectedState = state;
      List<Integer> seen = new ArrayList<>();
      cache
          .rows(state)
          .forEach(
              (firstRow, states) -> {
                for (int i = 0; i < states.length; i++) {
                  seen.add(firstRow + i);
                  assertArrayEquals(state(firstRow + i, expectedState), states[i]);
                }
              });
      assertEquals(NUM_TEXTS, seen.size());
    }
  }

  @Test
  void aRunThatWasInterruptedGoesOnWithTheFirstMissingShard() {
    List<EmbeddedText> texts = texts(NUM_TEXTS);
    assertFalse(fill(cache("model", texts), 1));
    assertEquals(EmbeddingCache.SHARD_ROWS, computed.size());
    EmbeddingCache resumed = cache("model", texts);
    assertEquals(NUM_TEXTS - EmbeddingCache.SHARD_ROWS, resumed.missing().size());
    assertTrue(fill(resumed, 99));
    assertEquals(texts, computed); // each once
    assertEquals(0, cache("model", texts).missing().size());
  }

  @Test
  void textsThatWereAddedAreComputedAndTheOthersAreNot() {
    fill(cache("model", texts(NUM_TEXTS)), 99);
    EmbeddingCache longer = cache("model", texts(NUM_TEXTS + 1));
    assertEquals(8, longer.missing().size()); // the last shard
  }

  @Test
  void statesOfAnotherModelAreRefused() {
    fill(cache("model", texts(5)), 99);
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> cache("other", texts(5)));
    assertTrue(error.getMessage().contains("another model"), error.getMessage());
    assertTrue(error.getMessage().contains("cache.txt"), error.getMessage());
  }

  @Test
  void statesOfOtherTextsAreRefused() {
    fill(cache("model", texts(5)), 99);
    List<EmbeddedText> changed = new ArrayList<>(texts(5));
    EmbeddedText old = changed.get(3);
    changed.set(
        3, new EmbeddedText(List.of(new int[] {1, 2, 99}, new int[] {1, 3}), 0, 0, "new.jsonl:4"));
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> cache("model", changed));
    assertTrue(error.getMessage().contains("shard-00000.txt:4"), error.getMessage());
    assertTrue(error.getMessage().contains(old.place()), error.getMessage());
    assertTrue(error.getMessage().contains("new.jsonl:4"), error.getMessage());
    assertThrows(InvalidInputException.class, () -> cache("model", texts(4)));
  }

  @Test
  void theHashIsOfTokensAndGateAndNotOfThePlace() {
    EmbeddedText text = new EmbeddedText(List.of(new int[] {1, 23}), 0, 0, "a:1");
    assertEquals(text.hash(), new EmbeddedText(List.of(new int[] {1, 23}), 0, 5, "b:2").hash());
    List<EmbeddedText> others =
        List.of(
            new EmbeddedText(List.of(new int[] {12, 3}), 0, 0, "a:1"),
            new EmbeddedText(List.of(new int[] {1, 23}), 1, 0, "a:1"),
            new EmbeddedText(List.of(new int[] {1}, new int[] {23}), 0, 0, "a:1"));
    others.forEach(other -> assertFalse(text.hash().equals(other.hash()), other.toString()));
  }

  private EmbeddingCache cache(String model, List<EmbeddedText> texts) {
    return new EmbeddingCache(folder, model, texts, HIDDEN);
  }

  /** Computes at most so many shards. */
  private boolean fill(EmbeddingCache cache, int shards) {
    int before = computed.size();
    try (Device device = Device.cpu(1)) {
      return cache.fill(
          device,
          DType.F32,
          this::embed,
          () -> computed.size() - before >= shards * EmbeddingCache.SHARD_ROWS);
    }
  }

  private float[] embed(List<EmbeddedText> texts) {
    float[] states = new float[texts.size() * 3 * HIDDEN];
    for (int i = 0; i < texts.size(); i++) {
      int number = Integer.parseInt(texts.get(i).place());
      for (int state = 0; state < 3; state++) {
        System.arraycopy(state(number, state), 0, states, (3 * i + state) * HIDDEN, HIDDEN);
      }
    }
    computed.addAll(texts);
    return states;
  }

  private static float[] state(int text, int state) {
    return new float[] {text, state, text * 0.1f};
  }

  private final List<EmbeddedText> all = new ArrayList<>();

  /** Pairs whose place is their number; the same objects each time. */
  private List<EmbeddedText> texts(int count) {
    while (all.size() < count) {
      int number = all.size();
      all.add(
          new EmbeddedText(List.of(new int[] {1, 2, number}, new int[] {1, 3}), 0, 0, "" + number));
    }
    return List.copyOf(all.subList(0, count));
  }
}
