package assay.rm.text.jinja;

import java.util.Locale;
import java.util.function.IntPredicate;

/** Pieces of Python's view of strings that Java does not share, without any budget. */
final class PythonText {
  private PythonText() {}

  /** White space as {@code str.isspace} has it: wider than Java's, as it counts no-break spaces. */
  static boolean isSpace(int c) {
    return c == ' '
        || (c >= '\t' && c <= '\r')
        || (c >= 0x1c && c <= 0x1f)
        || c == 0x85
        || (c >= 0xa0 && Character.isSpaceChar(c));
  }

  /** Whether a string is white space throughout, and not empty. */
  static boolean isSpace(String text) {
    return !text.isEmpty() && text.codePoints().allMatch(PythonText::isSpace);
  }

  static String stripTrailingSpace(String text) {
    return strip(text, PythonText::isSpace, false, true);
  }

  /** Without the characters of a kind at its start, at its end, or both. */
  static String strip(String text, IntPredicate strippable, boolean start, boolean end) {
    int from = 0;
    int to = text.length();
    while (start && from < to && strippable.test(text.codePointAt(from))) {
      from += Character.charCount(text.codePointAt(from));
    }
    while (end && from < to && strippable.test(text.codePointBefore(to))) {
      to -= Character.charCount(text.codePointBefore(to));
    }
    return text.substring(from, to);
  }

  /** First letter in title case, the others in lower case. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    return titleCase(first) + lower(text.substring(Character.charCount(first)));
  }

  /** Every letter that follows no letter in title case, the others in lower case. */
  static String title(String text) {
    StringBuilder result = new StringBuilder();
    boolean afterLetter = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      result.append(afterLetter ? lower(Character.toString(c)) : titleCase(c));
      afterLetter = isCased(c);
      i += Character.charCount(c);
    }
    return result.toString();
  }

  static boolean isCased(int c) {
    return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
  }

  private static String titleCase(int c) {
    int title = Character.toTitleCase(c);
    // Characters such as the German sharp s become two, which only the whole-string method knows.
    if (title != c) {
      return Character.toString(title);
    }
    String upper = upper(Character.toString(c));
    return upper.length() == 1 || upper.codePointCount(0, upper.length()) == 1
        ? Character.toString(c)
        : upper.charAt(0) + lower(upper.substring(1));
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  /** Lower case for comparison: the German sharp s becomes a double s. */
  static String foldCase(String text) {
    return lower(upper(text));
  }

  /** Whether there is a letter with a case, and every such letter passes. */
  static boolean allCased(String text, IntPredicate passes) {
    return text.codePoints().anyMatch(PythonText::isCased)
        && text.codePoints().filter(PythonText::isCased).allMatch(passes);
  }
}
