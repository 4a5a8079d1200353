package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From a recipe to a tree on the terminal. */
class DecisionTreeCommandsTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path recipe;

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  /** A classifier of one head, of which assay.json says that it is an attribute. */
  @BeforeEach
  void writeModelAndPairs() throws IOException {
    Path model = Files.createDirectories(folder.resolve("attributes"));
    try (Stream<Path> files = Files.list(RESOURCES.resolve("golden/trl-stories260k/model"))) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName()));
      }
    }
    Files.writeString(
        model.resolve("assay.json"),
        "{\"format\":1,\"method\":\"regression\",\"read_at\":\"last_token\","
            + "\"heads\":{\"quality\":1.0}}");
    recipe =
        Files.writeString(
            folder.resolve("recipe.yaml"),
            """
            model: %s
            method: decision-tree
            output: %s
            data:
              train: [%s]
              eval_fraction: 0.5
              max_length: 512
            decision_tree: {max_depth: 2, min_samples_leaf: 3, folds: 2}
            """
                .formatted(
                    model,
                    folder.resolve("run"),
                    RESOURCES.resolve("golden/trl-stories260k/pairs.jsonl")));
  }

  @Test
  void aTreeIsPlannedTrainedPrintedAndAsked() throws IOException {
    assertEquals(0, run("plan", recipe.toString()), err.toString());
    assertTrue(out.toString().contains("fitted without steps"), out.toString());
    assertEquals(0, run("train", recipe.toString()), err.toString());
    String said = out.toString() + err;
    assertTrue(said.contains("the longer answer"), said);
    assertTrue(said.contains("their weighted sum"), said);
    String model = folder.resolve("run/model").toString();
    assertEquals(0, run("inspect", "--model", model), err.toString());
    assertTrue(out.toString().contains("  quality <= "), out.toString());
    assertTrue(out.toString().contains("compared by a tree of depth"), out.toString());
    Path rows =
        Files.writeString(
            folder.resolve("rows.jsonl"),
            "{\"prompt\":\"Hi\",\"chosen\":\"Hello!\",\"rejected\":\"No.\"}\n"
                + "{\"prompt\":\"Hi\",\"response\":\"Hello!\"}\n");
    Path answers = folder.resolve("answers.jsonl");
    assertEquals(1, run("score", "--model", model, "--input", "" + rows, "--output", "" + answers));
    List<String> lines = Files.readAllLines(answers);
    JsonNode pair = JsonMapper.shared().readTree(lines.get(0));
    assertTrue(pair.path("p_chosen").isNumber(), lines.get(0));
    assertTrue(pair.path("chosen_objectives").has("quality"), lines.get(0));
    assertEquals(2, pair.path("paths").size());
    assertTrue(lines.get(1).contains("no reward for one"), lines.get(1));
  }
}
