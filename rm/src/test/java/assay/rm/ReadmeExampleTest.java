package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's library example: it stands there as it is run here. */
class ReadmeExampleTest {
  private static final Path MODEL =
      Path.of(System.getProperty("assay.test-resources"), "golden/trl-stories260k/model");

  @Test
  void theExampleScoresAConversation() {
    // example
    try (RewardModel model = RewardModel.load(MODEL)) {
      double reward =
          model.score(
              List.of(new Message("user", "What is 7 times 8?"), new Message("assistant", "56.")));
      // end
      assertTrue(Double.isFinite(reward));
      assertEquals(
          reward,
          model
              .scoreIds(
                  List.of(
                      model
                          .encoder()
                          .encode(
                              List.of(
                                  new Message("user", "What is 7 times 8?"),
                                  new Message("assistant", "56.")))))[0]);
    }
  }

  /** Line by line, whatever the formatter makes of either: spaces and line ends do not count. */
  @Test
  void theReadmeShowsTheExampleThatIsTested() throws IOException {
    String readme = Files.readString(Path.of(System.getProperty("assay.root"), "README.md"));
    String shown = readme.substring(readme.indexOf("```java") + 7);
    shown = shown.substring(0, shown.indexOf("System.out"));
    String source =
        Files.readString(
            Path.of(
                System.getProperty("assay.root"),
                "rm/src/test/java/assay/rm/ReadmeExampleTest.java"));
    String tested = source.substring(source.indexOf("// example") + 10, source.indexOf("// end"));
    assertEquals(
        compact(shown).replace("Path.of(\"runs/quickstart/model\")", "MODEL"), compact(tested));
  }

  private static String compact(String code) {
    return code.replaceAll("\\s+", "");
  }
}
