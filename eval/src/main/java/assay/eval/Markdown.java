package assay.eval;

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

  /** A header, or an item of a numbered list or of another. */
  private static final Pattern LINE_START = unicode("#{1,6}\\s|[^\\S\\n]*(\\d+\\.|[-*+])\\s");

  private static final Pattern BOLD_STARS = unicode("\\*\\*[^*\\n]+\\*\\*");
  private static final Pattern BOLD_UNDERSCORES = unicode("__[^_\\n]+__");

  private Markdown() {}

  /** \s and \d are Unicode's, as in Python. */
  private static Pattern unicode(String regex) {
    return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
  }

  /** Headers, list items and bold spans, outside of code blocks. */
  public static long countElements(String text) {
    String prose = text.contains("```") ? CODE_BLOCK.matcher(text).replaceAll("") : text;
    return countSpans(prose, "**", BOLD_STARS)
        + countSpans(prose, "__", BOLD_UNDERSCORES)
        + countLines(prose);
  }

  /** Most texts have no mark, and that is found out much faster than that there is no span. */
  private static long countSpans(String prose, String mark, Pattern span) {
    return prose.contains(mark) ? span.matcher(prose).results().count() : 0;
  }

  /** Lines that begin so; they end in \n alone. To search for ^ would try it at every character. */
  private static long countLines(String prose) {
    Matcher start = LINE_START.matcher(prose);
    long count = 0;
    int line = 0;
    do {
      count += start.region(line, prose.length()).lookingAt() ? 1 : 0;
      line = prose.indexOf('\n', line) + 1;
    } while (line > 0);
    return count;
  }
}
