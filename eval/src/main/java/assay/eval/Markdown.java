package assay.eval;

import java.util.List;
import java.util.regex.Pattern;

/**
 * How much markdown a text has, counted as Chatbot Arena does to tell style from substance (Li,
 * Angelopoulos and Chiang 2024, Does Style Matter?; github lmarena/arena-hard-auto, {@code
 * utils/add_markdown_info.py}). There the three counts are three variables; here they are added up.
 */
public final class Markdown {
  /** Not markdown: code has lines that begin with # or -. */
  private static final Pattern CODE_BLOCK = Pattern.compile("```[^`]*```");

  private static final List<Pattern> ELEMENTS =
      List.of(
          perLine("^#{1,6}\\s"), // a header
          perLine("^[^\\S\\n]*\\d+\\.\\s"), // an item of a numbered list
          perLine("^[^\\S\\n]*[-*+]\\s"), // an item of a list
          perLine("\\*\\*[^*\\n]+\\*\\*"), // **bold**
          perLine("__[^_\\n]+__")); // __bold__

  private Markdown() {}

  /** Lines end in \n alone, and \s and \d are Unicode's, as in Python. */
  private static Pattern perLine(String regex) {
    return Pattern.compile(
        regex, Pattern.MULTILINE | Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS);
  }

  /** Headers, list items and bold spans, outside of code blocks. */
  public static long countElements(String text) {
    String prose = CODE_BLOCK.matcher(text).replaceAll("");
    return ELEMENTS.stream().mapToLong(element -> element.matcher(prose).results().count()).sum();
  }
}
