package assay.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BaselineTest {
  @Test
  void markdownIsCountedAsChatbotArenaDoes() {
    for (JsonNode golden : Fixtures.json("golden/statistics/statistics.json").get("markdown")) {
      String text = golden.get("text").stringValue();
      assertEquals(golden.get("elements").longValue(), Markdown.countElements(text), text);
    }
  }

  @Test
  void longTextsWithoutMarkdownTakeNoTime() {
    assertEquals(0, Markdown.countElements("\n".repeat(300_000) + "*".repeat(300_000)));
    assertEquals(0, Markdown.countElements("```".repeat(100_001) + " ".repeat(300_000)));
  }

  @Test
  void lengthIsCountedInCharacters() {
    assertArrayEquals(
        new double[] {3, 2}, Baseline.LONGER.scores(List.of("abc", "\ud83d\ude00!"), 0, 0));
  }

  @Test
  void moreMarkdownWins() {
    assertArrayEquals(
        new double[] {2, 0}, Baseline.MORE_MARKDOWN.scores(List.of("# a\n- b", "a b"), 0, 0));
  }

  @Test
  void theFirstIsFirstInAnOrderOfTheSeed() {
    List<String> two = List.of("a", "b");
    assertArrayEquals(Baseline.FIRST.scores(two, 1, 2), Baseline.FIRST.scores(two, 1, 2));
    int wins = 0;
    for (int row = 0; row < 10_000; row++) {
      double[] scores = Baseline.FIRST.scores(two, 1, row);
      wins += scores[0] > scores[1] ? 1 : 0;
    }
    assertEquals(5000, wins, 250); // five standard errors
  }
}
