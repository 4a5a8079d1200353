package assay.rm.text.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * 1600 small random templates print what Jinja 3.1.6 prints, in the environment that transformers
 * gives it, and fail where it fails.
 */
class TemplateLanguageGoldenTest {
  private record Golden(Map<String, Object> variables, List<Case> cases) {}

  /** What Jinja printed, or its error. */
  private record Case(String template, String text, String error) {}

  @Test
  void randomTemplatesPrintWhatJinjaPrints() throws IOException {
    Path file =
        Path.of(System.getProperty("assay.test-resources"), "text/template-language.json.gz");
    Golden golden;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      golden = JsonMapper.builder().build().readValue(in, Golden.class);
    }
    Map<String, Value> variables = new HashMap<>();
    golden.variables().forEach((name, value) -> variables.put(name, Value.of(value)));
    for (Case expected : golden.cases()) {
      String text;
      try {
        text =
            Template.parse(expected.template())
                .render(variables, LocalDate.of(2026, 11, 23))
                .text();
      } catch (TemplateException e) {
        text = null;
      }
      assertEquals(expected.text(), text, () -> expected.toString());
    }
    assertEquals(1600, golden.cases().size());
  }
}
