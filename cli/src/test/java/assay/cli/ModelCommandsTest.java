package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands on a stored model that is not Assay's own: a tiny ArmoRM without tokenizer files. */
class ModelCommandsTest {
  private static final Path MODEL =
      Path.of(System.getProperty("assay.test-resources"), "golden", "armorm-model");
  private static final String QUESTION = "1, 40, 9, 6, 191, 7, 271";

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  private String rows(String... lines) throws IOException {
    return Files.writeString(folder.resolve("rows.jsonl"), String.join("\n", lines)).toString();
  }

  @Test
  void scoreAddsObjectivesAndGateAndNamesTheRowItCannotRead() throws IOException {
    String rows = rows("{\"input_ids\": [%s, 20]}".formatted(QUESTION), "{\"input_ids\": [20]}");
    Path scores = folder.resolve("scores.jsonl");
    int code = run("score", "--model", "" + MODEL, "--input", rows, "--output", "" + scores);
    assertEquals(1, code, err.toString());
    List<String> lines = Files.readAllLines(scores);
    JsonNode first = JsonMapper.shared().readTree(lines.get(0));
    assertTrue(first.path("objectives").path("helpsteer-verbosity").isNumber(), lines.get(0));
    assertEquals(19, first.path("gating").size());
    assertTrue(lines.get(1).contains("gating_token_pattern"), lines.get(1));
  }

  @Test
  void inspectShowsWhereGateAndRewardsAreRead() throws IOException {
    String rows = rows("{\"input_ids\": [%s, 20]}".formatted(QUESTION));
    assertEquals(0, run("inspect", "--model", "" + MODEL, "--input", rows, "--json"));
    JsonNode read = JsonMapper.shared().readTree(out.toString());
    assertEquals("[2,7]", read.path("read_at").toString());
  }

  /** What another trainer's model is read as is seen, and heard where only numbers are printed. */
  @Test
  void inspectAndScoreNameAnotherTrainersHead() throws IOException {
    String model = MODEL.resolveSibling("imported-heads/openrlhf").toString();
    String head = "OpenRLHF's value_head.weight; conversations end with EOS";
    assertEquals(0, run("inspect", "--model", model));
    assertTrue(out.toString().contains("head           " + head), out.toString());
    assertTrue(out.toString().contains("mean and std of config.json are not applied"));
    String rows = rows("{\"input_ids\": [1, 90, 4, 2]}");
    Path scores = folder.resolve("scores.jsonl");
    assertEquals(0, run("score", "--model", model, "--input", rows, "--output", "" + scores));
    assertTrue(err.toString().contains("another trainer's reward head: " + head), err.toString());
  }
}
