package assay.rm.text.jinja;

/**
 * The smallest piece of a template that means something.
 *
 * @param text the characters; of a string literal, its value with the escapes resolved
 * @param line line in the template, from 1
 */
record Token(TokenType type, String text, int line) {
  boolean isOperator(String symbol) {
    return type == TokenType.OPERATOR && text.equals(symbol);
  }

  boolean isName(String word) {
    return type == TokenType.NAME && text.equals(word);
  }

  /** For error messages. */
  String describe() {
    return switch (type) {
      case DATA -> "text";
      case VARIABLE_BEGIN -> "'{{'";
      case VARIABLE_END -> "'}}'";
      case BLOCK_BEGIN -> "'{%'";
      case BLOCK_END -> "'%}'";
      case STRING -> "a string";
      case END_OF_TEMPLATE -> "the end of the template";
      case NAME, INTEGER, FLOAT, OPERATOR -> "'" + text + "'";
    };
  }
}
