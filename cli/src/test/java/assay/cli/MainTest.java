package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  @Test
  void versionGoesToStandardOutput() {
    assertEquals(0, run("--version"));
    assertTrue(out.toString().startsWith("assay "), out.toString());
    assertEquals("", err.toString());
  }

  @Test
  void noCommandIsWrongUse() {
    assertEquals(2, run());
    assertTrue(err.toString().startsWith("Missing command"), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void unknownCommandIsWrongUse() {
    assertEquals(2, run("fly"));
    assertTrue(err.toString().contains("fly"), err.toString());
  }

  @Test
  void unknownOptionIsWrongUse() {
    assertEquals(2, run("--fly"));
    assertTrue(err.toString().contains("--fly"), err.toString());
  }
}
