package assay.rm.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways to split a string; a negative number of splits is as many as there are. */
final class TextSplitter {
  private final Budget budget;
  private final String text;
  private final List<Value> parts = new ArrayList<>();

  TextSplitter(Budget budget, String text) {
    this.budget = budget;
    this.text = text;
    budget.characters(text.length());
  }

  private void add(int from, int to) {
    budget.items(1);
    parts.add(new Value.Text(text.substring(from, to)));
  }

  /** At every place of a separator, so that there may be empty parts. */
  List<Value> atSeparator(String separator, long most) {
    budget.search(text.length(), separator.length());
    int from = 0;
    int at = text.indexOf(separator);
    while (at >= 0 && (most < 0 || parts.size() < most)) {
      add(from, at);
      from = at + separator.length();
      at = text.indexOf(separator, from);
    }
    add(from, text.length());
    return parts;
  }

  List<Value> atSeparatorFromEnd(String separator, long most) {
    budget.search(text.length(), separator.length());
    int to = text.length();
    int at = text.lastIndexOf(separator);
    while (at >= 0 && (most < 0 || parts.size() < most)) {
      add(at + separator.length(), to);
      to = at;
      // The next separator must end where this one starts.
      at = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length());
    }
    add(0, to);
    Collections.reverse(parts);
    return parts;
  }

  /** At every run of white space; none is left at the ends, so no part is empty. */
  List<Value> atSpace(long most) {
    int at = skipSpace(0);
    while (at < text.length()) {
      if (most >= 0 && parts.size() == most) {
        add(at, text.length());
        break;
      }
      int end = at;
      while (end < text.length() && !PythonText.isSpace(text.charAt(end))) {
        end++;
      }
      add(at, end);
      at = skipSpace(end);
    }
    return parts;
  }

  List<Value> atSpaceFromEnd(long most) {
    int to = skipSpaceBack(text.length());
    while (to > 0) {
      if (most >= 0 && parts.size() == most) {
        add(0, to);
        break;
      }
      int start = to;
      while (start > 0 && !PythonText.isSpace(text.charAt(start - 1))) {
        start--;
      }
      add(start, to);
      to = skipSpaceBack(start);
    }
    Collections.reverse(parts);
    return parts;
  }

  private int skipSpace(int from) {
    int at = from;
    while (at < text.length() && PythonText.isSpace(text.charAt(at))) {
      at++;
    }
    return at;
  }

  private int skipSpaceBack(int from) {
    int at = from;
    while (at > 0 && PythonText.isSpace(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  /**
   * At every end of line. Python knows more of them than Java: form feeds, separators and next-line
   * among them.
   */
  List<Value> lines(boolean keepEnds) {
    int start = 0;
    while (start < text.length()) {
      int end = start;
      while (end < text.length() && !endsLine(text.charAt(end))) {
        end++;
      }
      int next = text.startsWith("\r\n", end) ? end + 2 : Math.min(end + 1, text.length());
      add(start, keepEnds ? next : end);
      start = next;
    }
    return parts;
  }

  private static boolean endsLine(char c) {
    return (c >= '\n' && c <= '\r')
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }
}
