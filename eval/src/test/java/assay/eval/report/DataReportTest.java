package assay.eval.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.eval.doctor.DataDoctor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataReportTest {
  @TempDir private Path folder;
  @TempDir private Path profile;

  @Test
  void thePageShowsFaultyRowsAndThoseTheyClashWith() throws IOException, InterruptedException {
    Optional<Path> executable = Chromium.find();
    Assumptions.assumeTrue(executable.isPresent(), "there is no Chromium to open pages in");
    String pair = "{\"prompt\": \"a\", \"chosen\": \"<b>%s</b>\", \"rejected\": \"%s\"}\n";
    Path file = folder.resolve("pairs.jsonl");
    Files.writeString(
        file, pair.formatted("x", "y") + pair.formatted("x", "y") + "{\"text\": \"no pair\"}\n");
    DataDoctor doctor = new DataDoctor();
    doctor.read(file);
    DataReport.write(folder, doctor.diagnose());
    try (Chromium browser = Chromium.start(executable.get(), profile)) {
      browser.open(folder.resolve(DataReport.NAME));
      browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
      String text = browser.evaluate("document.body.innerText").stringValue();
      assertTrue(text.contains("1 the same prompt and answers stand in an earlier row"), text);
      assertTrue(text.contains("pairs.jsonl:2"), text);
      assertTrue(text.contains("pairs.jsonl:1"), text);
      assertTrue(text.contains("<b>x</b>"), text);
      assertTrue(text.contains("{\"text\":\"no pair\"}"), text);
      assertEquals(List.of(), browser.complaints());
    }
  }
}
