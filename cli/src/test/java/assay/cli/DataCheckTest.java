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
    assertEquals(0, run("data", "check", "" + file), err.toString());
    assertTrue(out.toString().contains(file + ": 2 pairs"), out.toString());
    assertTrue(out.toString().contains("the same two answers (1, 2)"), out.toString());
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
