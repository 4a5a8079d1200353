package assay.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FixtureRulesTest {

  private static final Path FIXTURES = Path.of(System.getProperty("assay.test-resources"));

  @Test
  void everyFixtureHasItsSourceAndLicenceInTheNotice() throws IOException {
    Path notice = FIXTURES.resolve("NOTICE.md");
    String text = Files.readString(notice);
    try (Stream<Path> files = Files.walk(FIXTURES)) {
      List<Path> unnamed =
          files
              .filter(file -> Files.isRegularFile(file) && !file.equals(notice))
              .map(FIXTURES::relativize)
              .filter(file -> !isNamed(text, file))
              .toList();
      assertEquals(List.of(), unnamed, "not in " + notice);
    }
  }

  /** True if the notice names the file, or with a slash at its end a folder that holds it. */
  private static boolean isNamed(String notice, Path file) {
    if (notice.contains(file.toString())) {
      return true;
    }
    for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
      if (notice.contains(folder + "/")) {
        return true;
      }
    }
    return false;
  }
}
