package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code assay data check}. */
class DataCheckTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  @Test
  void namesFaultsAndRowsOfEachFile() throws IOException {
    String pair = "{\"prompt\": \"a\", \"chosen\": \"%s\", \"rejected\": \"%s\"}\n";
    Path file = folder.resolve("pairs.jsonl");
    Files.writeString(file, pair.formatted("b", "c") + pair.formatted("c", "b"));
    Path output = folder.resolve("out");
    assertEquals(0, run("data", "check", "" + file, "--output", "" + output), err.toString());
    assertTrue(out.toString().contains(file + ": 2 pairs"), out.toString());
    assertTrue(
        out.toString().contains("the same two answers (1 with 2, 2 with 1)"), out.toString());
    assertEquals(
        1,
        JsonMapper.shared()
            .readTree(Files.readString(output.resolve("check.json")))
            .get(file.toString())
            .get("findings")
            .get("contradiction")
            .get(0)
            .get("row")
            .intValue());
    assertTrue(Files.exists(output.resolve("check.html")));
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertEquals(2, run("data", "check", folder.resolve("none.jsonl").toString()));
    assertTrue(err.toString().contains("none.jsonl"), err.toString());
  }

  @Test
  void dataAloneIsWrongUse() {
    assertEquals(2, run("data"));
    assertTrue(err.toString().contains("check"), err.toString());
  }
}
