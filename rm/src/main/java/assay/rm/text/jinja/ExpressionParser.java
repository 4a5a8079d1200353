package assay.rm.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parses expressions by recursive descent: one method per level of precedence, loosest first.
 *
 * <pre>
 *   expression  = or ['if' or ['else' expression]]...
 *   or          = and ('or' and)...
 *   and         = not ('and' not)...
 *   not         = 'not' not | comparison
 *   comparison  = sum (('==' | '!=' | '&lt;' | ... | 'in' | 'not' 'in') sum)...
 *   sum         = concatenation (('+' | '-') concatenation)...
 *   concatenation = product ('~' product)...
 *   product     = power (('*' | '/' | '//' | '%') power)...
 *   power       = unary ('**' unary)...
 *   unary       = ('-' | '+') unary | primary postfix... (filter | test | call)...
 * </pre>
 *
 * The levels are Jinja's, which differ from Python's in places: {@code -x | abs} filters {@code
 * -x}, and {@code ~} binds tighter than {@code +}.
 */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

  private final TokenStream stream;
  private final PrimaryParser primaries;

  ExpressionParser(TokenStream stream) {
    this.stream = stream;
    this.primaries = new PrimaryParser(stream, this);
  }

  /** Starts a new set of the variables that are read; returns the one so far. */
  Set<String> collectNames(Set<String> names) {
    return primaries.collectNames(names);
  }

  Expression parse() {
    stream.enter();
    int line = stream.line();
    Expression value = parseOr();
    while (stream.skipName("if")) {
      Expression condition = parseOr();
      Expression otherwise = stream.skipName("else") ? parse() : null;
      value = new Expression.Conditional(condition, value, otherwise, line);
    }
    stream.leave();
    return value;
  }

  /** An expression where a following {@code if} belongs to the tag, as in a for loop. */
  Expression parseWithoutConditional() {
    return parseTuple(false, false);
  }

  /** An expression, or several with commas between them, which make a tuple. */
  Expression parseTuple() {
    return parseTuple(true, false);
  }

  /** What stands in parentheses, which may be nothing: the empty tuple. */
  Expression parseInParentheses() {
    return parseTuple(true, true);
  }

  private Expression parseTuple(boolean conditional, boolean inParentheses) {
    int line = stream.line();
    List<Expression> items = new ArrayList<>();
    boolean tuple = false;
    while (!endsTuple()) {
      items.add(conditional ? parse() : parseOr());
      if (!stream.skipOperator(",")) {
        break;
      }
      tuple = true;
    }
    if (!tuple && items.size() == 1) {
      return items.getFirst();
    }
    if (items.isEmpty() && !inParentheses) {
      throw stream.unexpected("an expression");
    }
    return new Expression.TupleOf(List.copyOf(items), line);
  }

  private boolean endsTuple() {
    Token token = stream.current();
    return token.type() == TokenType.VARIABLE_END
        || token.type() == TokenType.BLOCK_END
        || token.isOperator(")");
  }

  private Expression parseOr() {
    int line = stream.line();
    Expression left = parseAnd();
    while (stream.skipName("or")) {
      left = new Expression.Or(left, parseAnd(), line);
    }
    return left;
  }

  private Expression parseAnd() {
    int line = stream.line();
    Expression left = parseNot();
    while (stream.skipName("and")) {
      left = new Expression.And(left, parseNot(), line);
    }
    return left;
  }

  private Expression parseNot() {
    int line = stream.line();
    if (!stream.skipName("not")) {
      return parseComparison();
    }
    stream.enter();
    Expression operand = parseNot();
    stream.leave();
    return new Expression.Not(operand, line);
  }

  private Expression parseComparison() {
    int line = stream.line();
    Expression first = parseSum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      Token token = stream.current();
      if (token.type() == TokenType.OPERATOR && COMPARISONS.contains(token.text())) {
        operators.add(stream.next().text());
      } else if (stream.skipName("in")) {
        operators.add("in");
      } else if (token.isName("not") && stream.look().isName("in")) {
        stream.next();
        stream.next();
        operators.add("not in");
      } else {
        break;
      }
      others.add(parseSum());
    }
    return operators.isEmpty()
        ? first
        : new Expression.Comparison(first, List.copyOf(operators), List.copyOf(others), line);
  }

  private Expression parseSum() {
    int line = stream.line();
    Expression left = parseConcatenation();
    while (stream.current().isOperator("+") || stream.current().isOperator("-")) {
      String operator = stream.next().text();
      left = new Expression.Arithmetic(operator, left, parseConcatenation(), line);
    }
    return left;
  }

  private Expression parseConcatenation() {
    int line = stream.line();
    Expression first = parseProduct();
    if (!stream.current().isOperator("~")) {
      return first;
    }
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (stream.skipOperator("~")) {
      parts.add(parseProduct());
    }
    return new Expression.Concatenation(List.copyOf(parts), line);
  }

  private Expression parseProduct() {
    int line = stream.line();
    Expression left = parsePower();
    while (stream.current().type() == TokenType.OPERATOR
        && PRODUCTS.contains(stream.current().text())) {
      String operator = stream.next().text();
      left = new Expression.Arithmetic(operator, left, parsePower(), line);
    }
    return left;
  }

  private Expression parsePower() {
    int line = stream.line();
    Expression left = parseUnary(true);
    while (stream.skipOperator("**")) {
      left = new Expression.Arithmetic("**", left, parseUnary(true), line);
    }
    return left;
  }

  private Expression parseUnary(boolean withFilters) {
    int line = stream.line();
    Expression value;
    boolean negative = stream.current().isOperator("-");
    if (negative || stream.current().isOperator("+")) {
      stream.next();
      stream.enter();
      value = new Expression.Sign(negative, parseUnary(false), line);
      stream.leave();
    } else {
      value = primaries.parsePrimary();
    }
    value = primaries.parsePostfix(value);
    return withFilters ? primaries.parseFiltersAndTests(value) : value;
  }

  /** {@code | name(arguments)}, as often as it comes. */
  Expression parseFilters(Expression input) {
    return primaries.parseFilters(input);
  }

  /** A filter behind its bar. */
  Expression parseFilter(Expression input) {
    return primaries.parseFilter(input);
  }
}
