package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairDataTest {
  private static PairData load(String dataKeys) {
    Recipe recipe =
        Recipe.parse(
            "recipe.yaml", "{model: m, output: o, data: {%s}}".formatted(dataKeys), List.of());
    return PairData.load(
        recipe,
        PairReader.conversations(Optional.of(new WordEncoder())),
        Fixtures.VOCABULARY,
        Optional.empty());
  }

  private static String file(Path folder, String name, String... lines) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, String.join("\n", lines) + "\n");
    return file.toString();
  }

  private static String row(String prompt, String chosen) {
    return "{\"prompt\":\"%s\",\"chosen\":\"%s\",\"rejected\":\"z\"}".formatted(prompt, chosen);
  }

  @Test
  void heldOutShareOfRealPairsIsMetAndSharesNoPrompt() {
    Path hh = Fixtures.resource("preference/hh-harmless.jsonl");
    PairData data = load("train: ['" + hh + "'], eval_fraction: 0.05");
    assertEquals(93, data.eval().size());
    assertEquals(1852 - 93, data.train().size());
    Set<Long> prompts = new HashSet<>();
    data.eval().forEach(pair -> prompts.add(pair.promptHash()));
    assertTrue(data.train().stream().noneMatch(pair -> prompts.contains(pair.promptHash())));
  }

  @Test
  void overlapOfEvaluationFilesIsReportedAndStaysInTraining(@TempDir Path folder)
      throws IOException {
    String train =
        file(folder, "t.jsonl", row("a", "x"), row("a", "y"), row("b", "x"), row("c", ""));
    String eval = file(folder, "e.jsonl", row("a", "w"), row("d", "w"), row("e", " "));
    PairData data = load("train: ['" + train + "'], eval: ['" + eval + "']");
    assertEquals(3, data.train().size());
    assertEquals(2, data.eval().size());
    assertEquals(
        """
        train %s: rows 4, used 3, dropped 1
                   1 a turn has no text (4)
        eval  %s: rows 3, used 2, dropped 1
                   1 a turn has no text (3)
        pairs to train on 3, to evaluate on 2
        note: 2 training pairs have a prompt of the evaluation files
        """
            .formatted(train, eval),
        data.report().toTable());
  }

  @Test
  void reportIsWrittenAsJson(@TempDir Path folder) throws IOException {
    String train =
        file(folder, "t.jsonl", row("a", "x"), row("a", "y"), row("b", "x"), row("c", ""));
    String eval = file(folder, "e.jsonl", row("a", "w"), row("d", "w"), row("e", " "));
    PairData data = load("train: ['" + train + "'], eval: ['" + eval + "']");
    assertEquals(
        """
        {
          "read" : 4,
          "used" : 3,
          "dropped" : {
            "empty_content" : 1
          },
          "train_pairs" : 3,
          "eval_pairs" : 2,
          "files" : [ {
            "file" : "%s",
            "read" : 4,
            "used" : 3,
            "dropped" : {
              "empty_content" : {
                "rows" : 1,
                "because" : "a turn has no text",
                "first_lines" : [ 4 ]
              }
            }
          } ],
          "eval" : {
            "read" : 3,
            "used" : 2,
            "dropped" : {
              "empty_content" : 1
            },
            "train_pairs_with_the_same_prompt" : 2,
            "files" : [ {
              "file" : "%s",
              "read" : 3,
              "used" : 2,
              "dropped" : {
                "empty_content" : {
                  "rows" : 1,
                  "because" : "a turn has no text",
                  "first_lines" : [ 3 ]
                }
              }
            } ]
          }
        }
        """
            .formatted(train, eval),
        data.report().toJson());
    Path json = folder.resolve("data.json");
    data.report().write(json);
    assertEquals(data.report().toJson(), Files.readString(json));
  }

  @Test
  void manyFaultsAreCountedInFullAndTheirFirstLinesKept(@TempDir Path folder) throws IOException {
    String[] lines = new String[1000];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = row("p" + i, i % 3 == 0 ? "" : "x");
    }
    PairData data = load("train: ['" + file(folder, "t.jsonl", lines) + "']");
    FileReport.Drops drops =
        data.report().train().getFirst().dropped().get(DropReason.EMPTY_CONTENT);
    assertEquals(334, drops.count());
    assertEquals(List.of(1L, 4L, 7L, 10L, 13L, 16L, 19L, 22L, 25L, 28L), drops.firstLines());
    assertTrue(data.report().toTable().contains("334 a turn has no text (1, 4, 7, 10, 13, ...)"));
  }

  @Test
  void dataWithoutAUsablePairIsAnErrorThatShowsWhy(@TempDir Path folder) throws IOException {
    String train = file(folder, "t.jsonl", row("a", ""), row("b", "z"));
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> load("train: ['" + train + "']"));
    assertEquals(
        """
        data.train: no usable pair is left to train on
        train %s: rows 2, used 0, dropped 2
                   1 a turn has no text (1)
                   1 chosen and rejected are the same text (2)
        pairs to train on 0, to evaluate on 0"""
            .formatted(train),
        e.getMessage());
  }

  @Test
  void onePromptAloneCannotBeHeldOut(@TempDir Path folder) throws IOException {
    String train = file(folder, "t.jsonl", row("a", "x"), row("a", "y"));
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () -> load("train: ['" + train + "'], eval_fraction: 0.5"));
    assertTrue(
        e.getMessage().startsWith("data.eval_fraction: no usable pair is left to evaluate on"),
        e.getMessage());
  }
}
