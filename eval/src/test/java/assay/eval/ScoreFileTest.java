package assay.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreFileTest {
  private static final RewardBench BENCHMARK = new RewardBench(TieRule.LOSE);

  @TempDir Path folder;

  private List<ScoredRow.Pair> read(String text) throws IOException {
    Path file = folder.resolve("scores.jsonl");
    Files.writeString(file, text);
    return ScoreFile.read(BENCHMARK, List.of(file));
  }

  private String errorOf(String text) {
    return assertThrows(InvalidInputException.class, () -> read(text)).getMessage();
  }

  @Test
  void linesAndArraysAreReadAlike() throws IOException {
    String row = "{\"id\":7,\"subset\":\"shp\",\"score_chosen\":1.5,\"score_rejected\":-2}";
    ScoredRow.Pair fromLine = read(row + "\n").getFirst();
    ScoredRow.Pair fromArray = read("[" + row + "]").getFirst();
    assertEquals("7", fromLine.id());
    assertEquals(3.5, fromLine.margin());
    assertEquals(fromLine.margin(), fromArray.margin());
  }

  @Test
  void errorsNameFileAndLine() {
    String good = "{\"id\":7,\"subset\":\"shp\",\"score_chosen\":1.5,\"score_rejected\":-2}\n\n";
    String notNumber = "{\"id\":8,\"subset\":\"shp\",\"score_chosen\":NaN,\"score_rejected\":-2}";
    assertTrue(
        errorOf(good + notNumber).endsWith("scores.jsonl:3: score_chosen: the score is NaN"));
    assertTrue(errorOf(good + "{").contains("scores.jsonl:3:"));
  }

  @Test
  void emptyFileIsAnError() {
    assertTrue(errorOf("\n").endsWith("there are no rows; expected scores of rewardbench"));
  }
}
