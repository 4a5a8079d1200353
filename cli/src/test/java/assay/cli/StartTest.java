package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The command line creates every command to run one. What a command needs only once it runs must
 * not be loaded before: this keeps a start at a few tenths of a second.
 */
class StartTest {

  private static final List<String> HEAVY =
      List.of("tools.jackson.", "org.snakeyaml.", "ai.djl.", "com.sun.net.httpserver.");

  @Test
  void startingLoadsNoLibraryThatOnlyACommandNeeds() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load",
                "-cp",
                System.getProperty("java.class.path"),
                "assay.cli.Main",
                "--version")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains(" assay.cli.Main "), output);
    List<String> loaded =
        output.lines().filter(line -> HEAVY.stream().anyMatch(line::contains)).toList();
    assertEquals(List.of(), loaded);
  }
}
