package assay.eval.report;

import assay.nn.checkpoint.DurableFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * One HTML file that holds all it needs: style, scripts, and data as JSON that the scripts draw.
 * Its content security policy forbids it the network.
 */
final class ReportPage {
  /** What would end the script element that holds the data, or is no character by itself. */
  private static final Pattern UNSAFE = Pattern.compile("[<>&]|\\p{Cs}");

  private ReportPage() {}

  /**
   * Writes a page.
   *
   * @param scripts in their order, of this package's resources
   * @param data values as JSON has them
   */
  static void write(Path file, String title, List<String> scripts, Map<String, ?> data) {
    String script = scripts.stream().map(ReportPage::resource).collect(Collectors.joining("\n"));
    String page =
        resource("page.html")
            .replace("{{title}}", escape(title))
            .replace("{{style}}", resource("page.css"))
            .replace("{{script}}", script)
            .replace("{{data}}", json(data)); // last: what it holds is not looked at again
    try {
      DurableFiles.write(file, page);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("{", "&#123;");
  }

  /** JSON in which no character means anything to HTML; only strings hold such characters. */
  static String json(Map<String, ?> data) {
    return UNSAFE
        .matcher(JsonMapper.shared().writeValueAsString(data))
        .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
  }
}
