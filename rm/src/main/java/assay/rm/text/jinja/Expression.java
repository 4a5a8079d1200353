package assay.rm.text.jinja;

import java.util.List;

/** What stands inside <code>{{ }}</code>: a tree whose value {@link Evaluator} computes. */
sealed interface Expression {
  /** Line in the template where the expression stands, from 1. */
  int line();

  /** {@code 'text'}, {@code 12}, {@code 1.5}, {@code true}, {@code none}. */
  record Literal(Value value, int line) implements Expression {}

  /** {@code messages}. */
  record Name(String name, int line) implements Expression {}

  /** {@code [a, b]}. */
  record ListOf(List<Expression> items, int line) implements Expression {}

  /** {@code (a, b)}, or {@code a, b} where a tag allows it. */
  record TupleOf(List<Expression> items, int line) implements Expression {}

  /** {@code {'key': value}}. */
  record MapOf(List<Expression> keys, List<Expression> values, int line) implements Expression {}

  /** {@code message.role}. */
  record Attribute(Expression object, String name, int line) implements Expression {}

  /** {@code message['role']}. */
  record Item(Expression object, Expression key, int line) implements Expression {}

  /** {@code messages[start:stop:step]}; an absent part is null. */
  record Slice(Expression object, Expression start, Expression stop, Expression step, int line)
      implements Expression {}

  /** {@code function(a, name=b)}. */
  record Call(Expression function, Operands operands, int line) implements Expression {}

  /** {@code input | name(a)}. */
  record Filtered(Expression input, String name, Operands operands, int line)
      implements Expression {}

  /** {@code input is name(a)}. */
  record Tested(Expression input, String name, Operands operands, int line) implements Expression {}

  /** {@code not a}. */
  record Not(Expression operand, int line) implements Expression {}

  /** {@code -a} or {@code +a}. */
  record Sign(boolean negative, Expression operand, int line) implements Expression {}

  /** {@code a + b} and the other operators of arithmetic. */
  record Arithmetic(String operator, Expression left, Expression right, int line)
      implements Expression {}

  /** {@code a ~ b ~ c}: the operands as text, one after another. */
  record Concatenation(List<Expression> parts, int line) implements Expression {}

  /** {@code a < b <= c}: true if every neighbouring pair compares as its operator says. */
  record Comparison(Expression first, List<String> operators, List<Expression> others, int line)
      implements Expression {}

  /** {@code a and b}: a if a counts as false, else b. */
  record And(Expression left, Expression right, int line) implements Expression {}

  /** {@code a or b}: a if a counts as true, else b. */
  record Or(Expression left, Expression right, int line) implements Expression {}

  /** {@code a if condition else b}; without an else, {@code otherwise} is null. */
  record Conditional(Expression condition, Expression then, Expression otherwise, int line)
      implements Expression {}

  /** The text of a <code>{% filter %}</code> or <code>{% set %}</code> block, to be filtered. */
  record BlockText(int line) implements Expression {}

  /**
   * What a call passes on.
   *
   * @param spread the sequence after {@code *}, or null
   * @param spreadNamed the mapping after {@code **}, or null
   */
  record Operands(
      List<Expression> positional,
      List<String> names,
      List<Expression> named,
      Expression spread,
      Expression spreadNamed) {
    static final Operands NONE = new Operands(List.of(), List.of(), List.of(), null, null);
  }
}
