package assay.rm.text.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Reads the names, numbers, strings and operators inside one tag. */
final class TagLexer {
  /** Longest first, so that {@code **} is not read as two stars. */
  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final String closing;

  /** Brackets that are open: inside them <code>}}</code> closes two dictionaries, not the tag. */
  private final Deque<String> open = new ArrayDeque<>();

  private int end;

  TagLexer(String source, char kind) {
    this.source = source;
    this.closing = kind == '%' ? "%}" : "}}";
  }

  boolean endsAt(int position) {
    return open.isEmpty() && source.startsWith(closing, position);
  }

  /** Where the token that was read last ends. */
  int end() {
    return end;
  }

  /** Reads the token that starts at a position, which is not white space. */
  Token read(int start, int line) {
    char c = source.charAt(start);
    if (c >= '0' && c <= '9') {
      return readNumber(start, line);
    }
    if (c == '\'' || c == '"') {
      return readString(start, line);
    }
    if (c == '_' || Character.isUnicodeIdentifierStart(source.codePointAt(start))) {
      return readName(start, line);
    }
    return readOperator(start, line);
  }

  private Token readName(int start, int line) {
    end = start;
    while (end < source.length()) {
      int c = source.codePointAt(end);
      if (c != '_' && (!Character.isUnicodeIdentifierPart(c) || Character.isISOControl(c))) {
        break;
      }
      end += Character.charCount(c);
    }
    return new Token(TokenType.NAME, source.substring(start, end), line);
  }

  private Token readNumber(int start, int line) {
    end = digits(start);
    boolean fraction = false;
    // In messages.0.role the zero is an index, not the start of 0.role.
    boolean afterDot = start > 0 && source.charAt(start - 1) == '.';
    if (!afterDot && charAt(end) == '.' && isDigit(charAt(end + 1))) {
      end = digits(end + 1);
      fraction = true;
    }
    if (!afterDot && (charAt(end) == 'e' || charAt(end) == 'E')) {
      int exponent = charAt(end + 1) == '+' || charAt(end + 1) == '-' ? end + 2 : end + 1;
      if (isDigit(charAt(exponent))) {
        end = digits(exponent);
        fraction = true;
      }
    }
    String text = source.substring(start, end).replace("_", "");
    return new Token(fraction ? TokenType.FLOAT : TokenType.INTEGER, text, line);
  }

  /** The end of a run of digits, which underscores may group. */
  private int digits(int from) {
    int at = from;
    while (isDigit(charAt(at)) || (charAt(at) == '_' && isDigit(charAt(at + 1)))) {
      at++;
    }
    return at;
  }

  private Token readString(int start, int line) {
    char quote = source.charAt(start);
    for (int at = start + 1; at < source.length(); at++) {
      char c = source.charAt(at);
      if (c == '\\') {
        at++;
      } else if (c == quote) {
        end = at + 1;
        String value = StringLiteral.unescape(source.substring(start + 1, at), line);
        return new Token(TokenType.STRING, value, line);
      }
    }
    throw TemplateException.syntax("the string is never closed by " + quote, line);
  }

  private Token readOperator(int start, int line) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, start)) {
        balance(operator, line);
        end = start + operator.length();
        return new Token(TokenType.OPERATOR, operator, line);
      }
    }
    throw TemplateException.syntax(
        "unexpected character '" + Character.toString(source.codePointAt(start)) + "'", line);
  }

  private void balance(String operator, int line) {
    switch (operator) {
      case "(" -> open.push(")");
      case "[" -> open.push("]");
      case "{" -> open.push("}");
      case ")", "]", "}" -> {
        if (open.isEmpty() || !open.peek().equals(operator)) {
          String expected = open.isEmpty() ? "" : ", expected '" + open.peek() + "'";
          throw TemplateException.syntax("unexpected '" + operator + "'" + expected, line);
        }
        open.pop();
      }
      default -> {}
    }
  }

  private char charAt(int index) {
    return index < source.length() ? source.charAt(index) : '\0';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
