package assay.eval;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much markdown a text has, counted as Chatbot Arena does to tell style from substance (Li,
 * Angelopoulos and Chiang 2024, Does Style Matter?; github lmarena/arena-hard-auto, {@code
 * utils/add_markdown_info.py}). There the three counts are three variables; here they are added up.
 */
public final class Markdown {
  /** Not markdown: code has lines that begin with # or -. */
  private static final Pattern CODE_BLOCK = Pattern.compile("```[^`]*```");

  /** At the start of a line. */
  private static final List<Pattern> LINE_STARTS =
      List.of(
          unicode("#{1,6}\\s"), // a header
          unicode("[^\\S\\n]*\\d+\\.\\s"), // an item of a numbered list
          unicode("[^\\S\\n]*[-*+]\\s")); // an item of a list

  private static final List<Pattern> SPANS =
      List.of(
          unicode("\\*\\*[^*\\n]+\\*\\*"), // **bold**
          unicode("__[^_\\n]+__")); // __bold__

  private Markdown() {}

  /** \s and \d are Unicode's, as in Python. */
  private static Pattern unicode(String regex) {
    return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
  }

  /** Headers, list items and bold spans, outside of code blocks. */
  public static long countElements(String text) {
    String prose = CODE_BLOCK.matcher(text).replaceAll("");
    long count = 0;
    for (Pattern span : SPANS) {
      count += span.matcher(prose).results().count();
    }
    for (Pattern start : LINE_STARTS) {
      count += countLines(start.matcher(prose), prose);
    }
    return count;
  }

  /** Lines that begin so; they end in \n alone. To search for ^ would try it at every character. */
  private static long countLines(Matcher start, String prose) {
    long count = 0;
    int line = 0;
    do {
      count += start.region(line, prose.length()).lookingAt() ? 1 : 0;
      line = prose.indexOf('\n', line) + 1;
    } while (line > 0);
    return count;
  }
}
