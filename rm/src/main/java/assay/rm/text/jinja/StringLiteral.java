package assay.rm.text.jinja;

/** The escapes of a string literal, which are those of Python: {@code \n}, {@code \x41}, ... */
final class StringLiteral {
  private StringLiteral() {}

  /**
   * @param literal what stands between the quotes
   * @param line for the error message
   */
  static String unescape(String literal, int line) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder value = new StringBuilder();
    int at = 0;
    while (at < literal.length()) {
      char c = literal.charAt(at++);
      if (c != '\\' || at == literal.length()) {
        value.append(c);
        continue;
      }
      char escape = literal.charAt(at++);
      switch (escape) {
        case '\n' -> {} // a newline after a backslash is not part of the string
        case 'n' -> value.append('\n');
        case 't' -> value.append('\t');
        case 'r' -> value.append('\r');
        case 'a' -> value.append('\u0007');
        case 'b' -> value.append('\b');
        case 'f' -> value.append('\f');
        case 'v' -> value.append('\u000b');
        case '\\', '\'', '"' -> value.append(escape);
        case 'x' -> at = appendHex(value, literal, at, 2, line);
        case 'u' -> at = appendHex(value, literal, at, 4, line);
        case 'U' -> at = appendHex(value, literal, at, 8, line);
        case '0', '1', '2', '3', '4', '5', '6', '7' -> at = appendOctal(value, literal, at - 1);
        case 'N' -> throw TemplateException.syntax("\\N{...} in a string is not supported", line);
        // Python keeps a backslash that escapes nothing.
        default -> value.append('\\').append(escape);
      }
    }
    return value.toString();
  }

  /** Appends the character of a fixed number of hexadecimal digits; returns where they end. */
  private static int appendHex(StringBuilder value, String literal, int from, int count, int line) {
    int code = 0;
    for (int i = from; i < from + count; i++) {
      int digit = i < literal.length() ? Character.digit(literal.charAt(i), 16) : -1;
      if (digit < 0 || code > Character.MAX_CODE_POINT) {
        throw TemplateException.syntax("a string has a broken \\x, \\u or \\U escape", line);
      }
      code = code * 16 + digit;
    }
    if (!Character.isValidCodePoint(code)) {
      throw TemplateException.syntax("a string has a \\U escape beyond Unicode", line);
    }
    value.appendCodePoint(code);
    return from + count;
  }

  /** Appends the character of one to three octal digits; returns where they end. */
  private static int appendOctal(StringBuilder value, String literal, int from) {
    int at = from;
    int code = 0;
    while (at < literal.length() && at < from + 3 && "01234567".indexOf(literal.charAt(at)) >= 0) {
      code = code * 8 + literal.charAt(at++) - '0';
    }
    value.append((char) code);
    return at;
  }
}
