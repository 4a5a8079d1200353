package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code assay plan} where there are neither GPUs nor weights, data or a tokenizer. */
class PlanCommandTest {
  private static final Path RECIPES = Path.of(System.getProperty("assay.root"), "recipes");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int plan(String... more) {
    String[] arguments = new String[3 + more.length];
    arguments[0] = "plan";
    arguments[1] = RECIPES.resolve("bt-gemma-7b.yaml").toString();
    arguments[2] = "--longest-pairs";
    System.arraycopy(more, 0, arguments, 3, more.length);
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  private void assertSays(String text) {
    assertTrue(out.toString().contains(text), out.toString());
  }

  @Test
  void aRunThatFitsIsToldWhatIsLeft() {
    assertEquals(0, plan("--ranks", "4", "--device-memory", "48GB"), err.toString());
    assertSays("8,537,683,968 weights; the largest part of a batch has 8,192 rows");
    assertSays("rank 0 of 4, which needs the most");
    assertSays("  optimizer state     15.90 GiB");
    assertSays("  gathered weights     1.03 GiB");
    assertSays("fits in 48GB (44.70 GiB): ");
    assertSays(" are left");
  }

  @Test
  void aRunThatDoesNotFitIsToldWhatWould() {
    assertEquals(
        0,
        plan("--ranks", "4", "--device-memory", "48GB", "--set", "distributed.zero_stage=1"),
        err.toString());
    assertSays("does not fit in 48GB (44.70 GiB): ");
    String table = out.toString().substring(out.toString().indexOf("zero_stage"));
    String[] lines = table.lines().map(String::strip).toArray(String[]::new);
    assertEquals(4, lines.length, table);
    assertTrue(lines[1].startsWith("1 ") && lines[1].endsWith(" does not fit"), table);
    assertTrue(lines[2].startsWith("2 ") && lines[2].endsWith(" does not fit"), table);
    assertTrue(lines[3].startsWith("3 ") && lines[3].endsWith("GiB  fits"), table);
  }

  @Test
  void aRunWithoutRanksIsRefused() {
    assertEquals(2, plan("--ranks", "0"));
    assertTrue(err.toString().contains("--ranks: expected at least 1, found 0"), err.toString());
  }
}
