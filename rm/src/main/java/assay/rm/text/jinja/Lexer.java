package assay.rm.text.jinja;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into text and tags, and decides which white space around tags is printed.
 *
 * <p>Three rules apply, as Hugging Face sets them ({@code trim_blocks}, {@code lstrip_blocks}):
 *
 * <ul>
 *   <li>a newline right after <code>%}</code> or <code>#}</code> is dropped;
 *   <li>spaces between the start of a line and <code>{%</code> or <code>{#</code> are dropped;
 *   <li>a minus inside a tag (<code>{%-</code>, <code>-%}</code>) drops all white space on that
 *       side, a plus keeps it all.
 * </ul>
 */
final class Lexer {
  private static final int MAX_TEMPLATE_LENGTH = 1_000_000;

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;

  /** Whether the tag that ended last took a newline with it, so that a line starts here. */
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokenize(String template) {
    if (template.length() > MAX_TEMPLATE_LENGTH) {
      throw TemplateException.limit(
          "has " + template.length() + " characters, more than " + MAX_TEMPLATE_LENGTH);
    }
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    // As in Jinja, one newline at the very end is the file's, not the text's.
    if (source.endsWith("\n")) {
      source = source.substring(0, source.length() - 1);
    }
    Lexer lexer = new Lexer(source);
    lexer.readTemplate();
    return lexer.tokens;
  }

  private void readTemplate() {
    while (position < source.length()) {
      int tag = nextTag();
      if (tag == source.length()) {
        add(TokenType.DATA, source.substring(position));
        position = tag;
        break;
      }
      char kind = source.charAt(tag + 1);
      char sign = charAt(tag + 2);
      addData(tag, kind, sign);
      advanceTo(tag);
      int bodyStart = tag + (sign == '-' || sign == '+' ? 3 : 2);
      int rawStart = kind == '%' ? endOfRawTag(bodyStart) : -1;
      if (rawStart >= 0) {
        advanceTo(rawStart);
        lineStarts = source.charAt(rawStart - 1) == '\n';
        readRaw();
      } else if (kind == '#') {
        advanceTo(bodyStart);
        skipComment();
      } else {
        add(
            kind == '%' ? TokenType.BLOCK_BEGIN : TokenType.VARIABLE_BEGIN,
            source.substring(tag, bodyStart));
        advanceTo(bodyStart);
        readTag(kind);
      }
    }
    add(TokenType.END_OF_TEMPLATE, "");
  }

  /** Where the next tag of any kind opens, or the length of the template. */
  private int nextTag() {
    int brace = source.indexOf('{', position);
    while (brace >= 0 && "{%#".indexOf(charAt(brace + 1)) < 0) {
      brace = source.indexOf('{', brace + 1);
    }
    return brace < 0 ? source.length() : brace;
  }

  /** Adds the text up to a tag, less the white space that the tag takes away. */
  private void addData(int end, char tagKind, char sign) {
    String text = source.substring(position, end);
    if (sign == '-') {
      text = PythonText.stripTrailingSpace(text);
    } else if (sign != '+' && tagKind != '{') {
      int lineStart = text.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || lineStarts) && PythonText.isSpace(text.substring(lineStart))) {
        text = text.substring(0, lineStart);
      }
    }
    if (!text.isEmpty()) {
      add(TokenType.DATA, text);
    }
  }

  private void skipComment() {
    int end = source.indexOf("#}", position);
    if (end < 0) {
      throw TemplateException.syntax("'{#' is never closed by '#}'", line);
    }
    closeTag(end, end > position ? source.charAt(end - 1) : ' ', '#');
  }

  /** Reads the tokens inside a tag, up to and with its end. */
  private void readTag(char kind) {
    TagLexer tag = new TagLexer(source, kind);
    while (position < source.length()) {
      char c = source.charAt(position);
      boolean signed = c == '-' || (c == '+' && kind == '%');
      int end = signed ? position + 1 : position;
      if (tag.endsAt(end)) {
        add(
            kind == '%' ? TokenType.BLOCK_END : TokenType.VARIABLE_END,
            source.substring(position, end + 2));
        closeTag(end, signed ? c : ' ', kind);
        return;
      }
      if (PythonText.isSpace(c)) {
        advanceTo(position + 1);
      } else {
        Token token = tag.read(position, line);
        tokens.add(token);
        advanceTo(tag.end());
      }
    }
    throw TemplateException.syntax(
        "the tag is never closed by " + (kind == '%' ? "'%}'" : "'}}'"), line);
  }

  /** Moves behind a tag's end, taking with it the white space that belongs to the tag. */
  private void closeTag(int end, char sign, char kind) {
    int next = end + 2;
    if (sign == '-') {
      while (next < source.length() && PythonText.isSpace(source.charAt(next))) {
        next++;
      }
    } else if (sign != '+' && kind != '{' && charAt(next) == '\n') {
      next++;
    }
    advanceTo(next);
    lineStarts = source.charAt(next - 1) == '\n';
  }

  /** Where a <code>{% raw %}</code> tag ends whose inside starts here, or -1 if it is another. */
  private int endOfRawTag(int start) {
    int at = skipSpace(start);
    if (!source.startsWith("raw", at)) {
      return -1;
    }
    at = skipSpace(at + 3);
    if (source.startsWith("-%}", at)) {
      return skipSpace(at + 3);
    }
    return source.startsWith("%}", at) ? at + 2 : -1;
  }

  /** Everything up to <code>{% endraw %}</code> is text. */
  private void readRaw() {
    int tag = source.indexOf("{%", position);
    while (tag >= 0) {
      char sign = charAt(tag + 2);
      int word = skipSpace(tag + (sign == '-' || sign == '+' ? 3 : 2));
      if (source.startsWith("endraw", word)) {
        int end = skipSpace(word + "endraw".length());
        char endSign = charAt(end);
        boolean signed = endSign == '-' || endSign == '+';
        int close = signed ? end + 1 : end;
        if (source.startsWith("%}", close)) {
          addData(tag, '%', sign);
          advanceTo(tag);
          closeTag(close, signed ? endSign : ' ', '%');
          return;
        }
      }
      tag = source.indexOf("{%", tag + 2);
    }
    throw TemplateException.syntax("'{% raw %}' is never closed by '{% endraw %}'", line);
  }

  private int skipSpace(int from) {
    int at = from;
    while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
      at++;
    }
    return at;
  }

  /** The character at an index, or NUL behind the end. */
  private char charAt(int index) {
    return index < source.length() ? source.charAt(index) : '\0';
  }

  private void advanceTo(int newPosition) {
    for (; position < newPosition; position++) {
      if (source.charAt(position) == '\n') {
        line++;
      }
    }
  }

  private void add(TokenType type, String text) {
    tokens.add(new Token(type, text, line));
  }
}
