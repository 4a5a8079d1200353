package assay.rm.text.jinja;

import assay.rm.text.jinja.Expression.Operands;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Parses what binds tightest: literals, names and brackets, and what may follow them.
 *
 * <pre>
 *   primary  = name | string... | number | '(' tuple ')' | '[' items ']' | '{' entries '}'
 *   postfix  = '.' name | '[' key ']' | '[' start ':' stop ':' step ']' | call
 *   filter   = '|' name [call]
 *   test     = 'is' ['not'] name [call | primary postfix...]
 *   call     = '(' [expression | name '=' expression | '*' expression | '**' expression],... ')'
 * </pre>
 */
final class PrimaryParser {
  private final TokenStream stream;
  private final ExpressionParser expressions;
  private Set<String> namesRead = new HashSet<>();

  PrimaryParser(TokenStream stream, ExpressionParser expressions) {
    this.stream = stream;
    this.expressions = expressions;
  }

  /** Starts a new set of the variables that are read; returns the one so far. */
  Set<String> collectNames(Set<String> names) {
    Set<String> before = namesRead;
    namesRead = names;
    return before;
  }

  /** A literal, a name, or something in brackets. */
  Expression parsePrimary() {
    Token token = stream.current();
    int line = token.line();
    return switch (token.type()) {
      case NAME -> parseName(stream.next());
      case STRING -> parseStrings(line);
      case INTEGER -> new Expression.Literal(integer(stream.next()), line);
      case FLOAT ->
          new Expression.Literal(new Value.Real(Double.parseDouble(stream.next().text())), line);
      default -> {
        if (stream.skipOperator("(")) {
          stream.enter();
          Expression value = expressions.parseInParentheses();
          stream.leave();
          stream.expectOperator(")");
          yield value;
        }
        if (stream.skipOperator("[")) {
          yield new Expression.ListOf(parseItems("]"), line);
        }
        if (stream.skipOperator("{")) {
          yield parseMap(line);
        }
        throw stream.unexpected("an expression");
      }
    };
  }

  private Expression parseName(Token token) {
    int line = token.line();
    return switch (token.text()) {
      case "true", "True" -> new Expression.Literal(Value.Bool.TRUE, line);
      case "false", "False" -> new Expression.Literal(Value.Bool.FALSE, line);
      case "none", "None" -> new Expression.Literal(Value.None.NONE, line);
      default -> {
        namesRead.add(token.text());
        yield new Expression.Name(token.text(), line);
      }
    };
  }

  /** Strings that stand side by side are one string. */
  private Expression parseStrings(int line) {
    StringBuilder value = new StringBuilder();
    while (stream.current().type() == TokenType.STRING) {
      value.append(stream.next().text());
    }
    return new Expression.Literal(new Value.Text(value.toString()), line);
  }

  private static Value integer(Token token) {
    try {
      return new Value.Int(Long.parseLong(token.text()));
    } catch (NumberFormatException e) {
      throw TemplateException.syntax("the number " + token.text() + " is too large", token.line());
    }
  }

  private List<Expression> parseItems(String closing) {
    List<Expression> items = new ArrayList<>();
    while (!stream.skipOperator(closing)) {
      if (!items.isEmpty()) {
        stream.expectOperator(",");
        if (stream.skipOperator(closing)) {
          break;
        }
      }
      items.add(expressions.parse());
    }
    return List.copyOf(items);
  }

  private Expression parseMap(int line) {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!stream.skipOperator("}")) {
      if (!keys.isEmpty()) {
        stream.expectOperator(",");
        if (stream.skipOperator("}")) {
          break;
        }
      }
      keys.add(expressions.parse());
      stream.expectOperator(":");
      values.add(expressions.parse());
    }
    return new Expression.MapOf(List.copyOf(keys), List.copyOf(values), line);
  }

  /** {@code .name}, {@code [key]} and {@code (arguments)}, as often as they come. */
  Expression parsePostfix(Expression object) {
    Expression value = object;
    while (true) {
      int line = stream.line();
      if (stream.skipOperator(".")) {
        Token name = stream.next();
        value =
            switch (name.type()) {
              case NAME -> new Expression.Attribute(value, name.text(), line);
              case INTEGER ->
                  new Expression.Item(value, new Expression.Literal(integer(name), line), line);
              default ->
                  throw TemplateException.syntax(
                      "expected a name after '.', found " + name.describe(), name.line());
            };
      } else if (stream.skipOperator("[")) {
        value = parseSubscript(value, line);
      } else if (stream.current().isOperator("(")) {
        value = new Expression.Call(value, parseOperands(), line);
      } else {
        return value;
      }
    }
  }

  /** {@code [key]}, {@code [a, b]} or {@code [start:stop:step]}, behind the bracket. */
  private Expression parseSubscript(Expression object, int line) {
    Expression start = stream.current().isOperator(":") ? null : expressions.parseTuple();
    if (!stream.skipOperator(":")) {
      stream.expectOperator("]");
      return new Expression.Item(object, start, line);
    }
    Expression stop = parseSlicePart();
    Expression step = stream.skipOperator(":") ? parseSlicePart() : null;
    stream.expectOperator("]");
    return new Expression.Slice(object, start, stop, step, line);
  }

  private Expression parseSlicePart() {
    boolean absent = stream.current().isOperator(":") || stream.current().isOperator("]");
    return absent ? null : expressions.parse();
  }

  /** {@code | filter} and {@code is test}, as often as they come. */
  Expression parseFiltersAndTests(Expression input) {
    Expression value = input;
    while (true) {
      if (stream.current().isOperator("|")) {
        value = parseFilters(value);
      } else if (stream.current().isName("is")) {
        value = parseTest(value);
      } else if (stream.current().isOperator("(")) {
        value = new Expression.Call(value, parseOperands(), stream.line());
      } else {
        return value;
      }
    }
  }

  /** {@code | name(arguments)}, as often as it comes. */
  Expression parseFilters(Expression input) {
    Expression value = input;
    while (stream.skipOperator("|")) {
      value = parseFilter(value);
    }
    return value;
  }

  /** A filter behind its bar. */
  Expression parseFilter(Expression input) {
    int line = stream.line();
    String name = stream.expectIdentifier();
    Operands operands = stream.current().isOperator("(") ? parseOperands() : Operands.NONE;
    return new Expression.Filtered(input, name, operands, line);
  }

  private Expression parseTest(Expression input) {
    int line = stream.line();
    stream.expectName("is");
    boolean negated = stream.skipName("not");
    String name = stream.expectIdentifier();
    Operands operands = Operands.NONE;
    if (stream.current().isOperator("(")) {
      operands = parseOperands();
    } else if (stream.current().isName("is")) {
      throw TemplateException.syntax("a test cannot follow a test without parentheses", line);
    } else if (startsBareOperand()) {
      Expression operand = parsePostfix(parsePrimary());
      operands = new Operands(List.of(operand), List.of(), List.of(), null, null);
    }
    Expression test = new Expression.Tested(input, name, operands, line);
    return negated ? new Expression.Not(test, line) : test;
  }

  /** Whether a test is followed by an operand without parentheses: {@code n is divisibleby 3}. */
  private boolean startsBareOperand() {
    Token token = stream.current();
    return switch (token.type()) {
      case STRING, INTEGER, FLOAT -> true;
      case NAME -> !Set.of("else", "or", "and").contains(token.text());
      case OPERATOR -> token.isOperator("[") || token.isOperator("{");
      default -> false;
    };
  }

  /** {@code (a, b, name=c, *more, **moreNamed)}. */
  private Operands parseOperands() {
    stream.expectOperator("(");
    List<Expression> positional = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Expression> named = new ArrayList<>();
    Expression spread = null;
    Expression spreadNamed = null;
    while (!stream.skipOperator(")")) {
      if (stream.skipOperator("**")) {
        spreadNamed = expressions.parse();
      } else if (stream.skipOperator("*")) {
        spread = expressions.parse();
      } else if (stream.current().type() == TokenType.NAME && stream.look().isOperator("=")) {
        names.add(stream.next().text());
        stream.next();
        named.add(expressions.parse());
      } else if (!names.isEmpty() || spread != null || spreadNamed != null) {
        throw stream.unexpected("an argument by name");
      } else {
        positional.add(expressions.parse());
      }
      if (!stream.current().isOperator(")")) {
        stream.expectOperator(",");
      }
    }
    return new Operands(
        List.copyOf(positional), List.copyOf(names), List.copyOf(named), spread, spreadNamed);
  }
}
