package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RrmAugmentationTest {
  /** Pairs with these prompts; an answer is named after its kind, prompt and place. */
  private static List<PairRow.Conversations> rows(List<Integer> prompts) {
    List<PairRow.Conversations> rows = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      Message question = new Message("user", "" + prompts.get(i));
      String name = prompts.get(i) + " " + i;
      rows.add(
          new PairRow.Conversations(
              new RowPlace("test", RowPlace.Unit.LINE, i + 1),
              List.of(question),
              true,
              List.of(question, new Message("assistant", "w " + name)),
              List.of(question, new Message("assistant", "l " + name)),
              0.25,
              1,
              "source",
              "id"));
    }
    return rows;
  }

  private static List<Integer> onePromptEach(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private static List<PairRow.Conversations> draw(List<Integer> prompts, double ratio, long seed) {
    List<PairRow.Conversations> drawn = new ArrayList<>();
    new RrmAugmentation(rows(prompts), seed).draw(ratio, drawn::add);
    return drawn;
  }

  private static boolean enoughPrompts(List<Integer> prompts) {
    int most = prompts.stream().mapToInt(p -> count(prompts, p)).max().orElse(0);
    return 3 * most <= prompts.size();
  }

  private static int count(List<Integer> prompts, int prompt) {
    return (int) prompts.stream().filter(p -> p == prompt).count();
  }

  private static String[] answer(List<Message> answer) {
    assertEquals(1, answer.size());
    return answer.getFirst().content().split(" ");
  }

  @Property(tries = 200)
  void ofAnswersToThePromptAndToOthersTheFormerAreBetterAndOfOthersNeitherIs(
      @ForAll @Size(min = 3, max = 40) List<@IntRange(min = 0, max = 12) Integer> prompts,
      @ForAll long seed) {
    Assume.that(enoughPrompts(prompts));
    for (PairRow.Conversations row : draw(prompts, 14, seed)) {
      String prompt = row.prompt().getFirst().content();
      String[] first = answer(row.chosenAnswer());
      String[] second = answer(row.rejectedAnswer());
      assertNotEquals(prompt, second[1]);
      boolean own = first[1].equals(prompt);
      assertEquals(own ? 1 : 0.5, row.target());
      assertEquals(0, row.margin());
      if (own) {
        assertEquals(row.place().number(), Long.parseLong(first[2]) + 1);
      } else {
        assertTrue(first[2].equals(second[2]) || !first[1].equals(second[1]));
      }
    }
  }

  @Property(tries = 100)
  void everyPairIsInEachRoleOnce(
      @ForAll @Size(min = 3, max = 40) List<@IntRange(min = 0, max = 12) Integer> prompts,
      @ForAll long seed) {
    Assume.that(enoughPrompts(prompts));
    Map<String, Integer> asForeign = new HashMap<>();
    List<PairRow.Conversations> drawn = draw(prompts, 14, seed);
    for (PairRow.Conversations row : drawn) {
      if (row.target() == 1) {
        asForeign.merge(row.rejectedAnswer().getFirst().content(), 1, Integer::sum);
      }
    }
    assertEquals(14 * prompts.size(), drawn.size());
    assertEquals(6L * prompts.size(), drawn.stream().filter(row -> row.target() == 0.5).count());
    assertEquals(2 * prompts.size(), asForeign.size());
    assertEquals(Set.of(4), new HashSet<>(asForeign.values()), "to two prompts, w and l of each");
  }

  @Property(tries = 100)
  void theRatioIsMetToThePairAndNoneIsDrawnTwice(
      @ForAll @DoubleRange(min = 0, max = 14) double ratio,
      @ForAll @IntRange(min = 3, max = 50) int count,
      @ForAll long seed) {
    List<PairRow.Conversations> drawn = draw(onePromptEach(count), ratio, seed);
    assertEquals((int) Math.floor(count * ratio), drawn.size());
    assertEquals(drawn.size(), new HashSet<>(drawn).size());
  }

  @Test
  void theSeedDecides() {
    assertEquals(draw(onePromptEach(20), 1, 5), draw(onePromptEach(20), 1, 5));
    assertNotEquals(draw(onePromptEach(20), 1, 5), draw(onePromptEach(20), 1, 6));
  }

  @Test
  void threeSeventhsOfManyAreNeutral() {
    double neutral =
        draw(onePromptEach(7000), 1, 3).stream().filter(row -> row.target() == 0.5).count();
    assertEquals(3000, neutral, 4 * Math.sqrt(7000 * 3 / 7.0 * 4 / 7.0));
  }

  @Test
  void aPromptWithMoreThanAThirdOfThePairsIsAnError() {
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class,
            () -> new RrmAugmentation(rows(List.of(1, 1, 2, 3, 4)), 0));
    assertEquals(
        "data.augmentation: rrm takes answers to two other prompts for each pair, but 2 of the 5"
            + " training pairs have the same prompt; expected a third of them at most",
        error.getMessage());
  }
}
