package assay.rm.text.jinja;

/** What a token is. */
enum TokenType {
  /** Text outside of tags, printed as it is. */
  DATA,
  /** <code>{{</code> and <code>}}</code>. */
  VARIABLE_BEGIN,
  VARIABLE_END,
  /** <code>{%</code> and <code>%}</code>. */
  BLOCK_BEGIN,
  BLOCK_END,
  NAME,
  STRING,
  INTEGER,
  FLOAT,
  OPERATOR,
  END_OF_TEMPLATE
}
