package assay.rm.text.jinja;

import java.util.List;

/** A place in the list of tokens, shared by the parsers of statements and of expressions. */
final class TokenStream {
  /** Deeper nesting of tags or brackets than this is an attack, not a chat template. */
  private static final int MAX_NESTING = 100;

  private final List<Token> tokens;
  private int index;
  private int nesting;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(index);
  }

  /** The token after the current one. */
  Token look() {
    return tokens.get(Math.min(index + 1, tokens.size() - 1));
  }

  int line() {
    return current().line();
  }

  /** Returns the current token and moves on; the last token stays. */
  Token next() {
    Token token = current();
    if (token.type() != TokenType.END_OF_TEMPLATE) {
      index++;
    }
    return token;
  }

  boolean skipOperator(String symbol) {
    boolean found = current().isOperator(symbol);
    if (found) {
      next();
    }
    return found;
  }

  boolean skipName(String word) {
    boolean found = current().isName(word);
    if (found) {
      next();
    }
    return found;
  }

  void expectOperator(String symbol) {
    if (!skipOperator(symbol)) {
      throw unexpected("'" + symbol + "'");
    }
  }

  void expectName(String word) {
    if (!skipName(word)) {
      throw unexpected("'" + word + "'");
    }
  }

  String expectIdentifier() {
    return expect(TokenType.NAME, "a name").text();
  }

  Token expect(TokenType type, String description) {
    if (current().type() != type) {
      throw unexpected(description);
    }
    return next();
  }

  /** Goes one level deeper; every call needs its {@link #leave}. */
  void enter() {
    if (++nesting > MAX_NESTING) {
      throw new TemplateException(
          TemplateException.Reason.LIMIT,
          "tags or brackets are nested more than " + MAX_NESTING + " deep",
          line());
    }
  }

  void leave() {
    nesting--;
  }

  TemplateException unexpected(String expected) {
    return TemplateException.syntax(
        "expected " + expected + ", found " + current().describe(), line());
  }
}
