package assay.rm.text.jinja;

import assay.rm.text.jinja.Statement.MacroBody;
import assay.rm.text.jinja.Statement.Parameter;
import assay.rm.text.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Parses tags, one method per tag, and what they enclose. */
final class StatementParser {
  private static final Set<String> NOT_SUPPORTED =
      Set.of("block", "extends", "include", "import", "from", "autoescape", "do", "trans", "debug");

  private final TokenStream stream;
  private final ExpressionParser expressions;
  private final Set<String> namesRead = new HashSet<>();

  /** How many loops enclose the place being parsed, for break and continue. */
  private int loops;

  StatementParser(List<Token> tokens) {
    this.stream = new TokenStream(tokens);
    this.expressions = new ExpressionParser(stream);
  }

  /** The whole template. */
  List<Statement> parse() {
    expressions.collectNames(namesRead);
    return parseBody(Set.of());
  }

  /** Every variable that the template reads. */
  Set<String> namesRead() {
    return Set.copyOf(namesRead);
  }

  /**
   * Statements up to a tag with one of the given names, or to the end of the template if there are
   * none. The stream is left at that name, inside its tag.
   */
  private List<Statement> parseBody(Set<String> closing) {
    stream.enter();
    List<Statement> body = new ArrayList<>();
    while (stream.current().type() != TokenType.END_OF_TEMPLATE) {
      Token token = stream.next();
      int line = token.line();
      if (token.type() == TokenType.DATA) {
        body.add(new Statement.Data(token.text(), line));
      } else if (token.type() == TokenType.VARIABLE_BEGIN) {
        body.add(new Statement.Print(expressions.parseTuple(), line));
        stream.expect(TokenType.VARIABLE_END, "'}}'");
      } else if (stream.current().type() == TokenType.NAME
          && closing.contains(stream.current().text())) {
        stream.leave();
        return List.copyOf(body);
      } else {
        body.add(parseTag(stream.expect(TokenType.NAME, "the name of a tag")));
        stream.expect(TokenType.BLOCK_END, "'%}'");
      }
    }
    if (!closing.isEmpty()) {
      throw stream.unexpected("one of the tags " + String.join(", ", new TreeSet<>(closing)));
    }
    stream.leave();
    return List.copyOf(body);
  }

  /** What follows up to a closing tag, whose name is read too. */
  private List<Statement> parseEnclosed(String closing) {
    stream.expect(TokenType.BLOCK_END, "'%}'");
    List<Statement> body = parseBody(Set.of(closing));
    stream.next();
    return body;
  }

  private Statement parseTag(Token tag) {
    int line = tag.line();
    return switch (tag.text()) {
      case "if" -> parseIf(line);
      case "for" -> parseFor(line);
      case "break" -> new Statement.Break(insideLoop(line));
      case "continue" -> new Statement.Continue(insideLoop(line));
      case "set" -> parseSet(line);
      case "filter" -> parseFilterBlock(line);
      case "with" -> parseWith(line);
      case "macro" -> {
        String name = stream.expectIdentifier();
        yield new Statement.Macro(name, parseCallable(parseParameters(), "endmacro"), line);
      }
      case "call" -> parseCallBlock(line);
      case "generation" ->
          new Statement.Generation(parseCallable(List.of(), "endgeneration").body(), line);
      default ->
          throw TemplateException.syntax(
              NOT_SUPPORTED.contains(tag.text())
                  ? "the tag '" + tag.text() + "' is not available to chat templates"
                  : "unexpected tag '" + tag.text() + "'",
              line);
    };
  }

  private Statement parseIf(int line) {
    List<Statement.Branch> branches = new ArrayList<>();
    Set<String> closing = Set.of("elif", "else", "endif");
    String next = "elif";
    while (next.equals("elif")) {
      Expression condition = expressions.parseWithoutConditional();
      stream.expect(TokenType.BLOCK_END, "'%}'");
      branches.add(new Statement.Branch(condition, parseBody(closing)));
      next = stream.next().text();
    }
    List<Statement> otherwise = next.equals("else") ? parseEnclosed("endif") : List.of();
    return new Statement.If(List.copyOf(branches), otherwise, line);
  }

  private Statement parseFor(int line) {
    Target target = parseTarget();
    stream.expectName("in");
    Expression sequence = expressions.parseWithoutConditional();
    Expression condition = stream.skipName("if") ? expressions.parse() : null;
    boolean recursive = stream.skipName("recursive");
    stream.expect(TokenType.BLOCK_END, "'%}'");
    loops++;
    List<Statement> body = parseBody(Set.of("else", "endfor"));
    loops--;
    List<Statement> otherwise =
        stream.next().text().equals("else") ? parseEnclosed("endfor") : List.of();
    return new Statement.For(target, sequence, condition, body, otherwise, recursive, line);
  }

  private int insideLoop(int line) {
    if (loops == 0) {
      throw TemplateException.syntax("break and continue need a loop around them", line);
    }
    return line;
  }

  private Statement parseSet(int line) {
    Target target = parseTarget();
    if (stream.skipOperator("=")) {
      return new Statement.Set(target, expressions.parseTuple(), line);
    }
    Expression value = expressions.parseFilters(new Expression.BlockText(line));
    return new Statement.SetBlock(target, value, parseEnclosed("endset"), line);
  }

  private Statement parseFilterBlock(int line) {
    Expression first = expressions.parseFilter(new Expression.BlockText(line));
    Expression value = expressions.parseFilters(first);
    return new Statement.FilterBlock(value, parseEnclosed("endfilter"), line);
  }

  private Statement parseWith(int line) {
    List<Target> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (stream.current().type() != TokenType.BLOCK_END) {
      if (!targets.isEmpty()) {
        stream.expectOperator(",");
      }
      targets.add(parseTarget());
      stream.expectOperator("=");
      values.add(expressions.parse());
    }
    return new Statement.With(
        List.copyOf(targets), List.copyOf(values), parseEnclosed("endwith"), line);
  }

  private Statement parseCallBlock(int line) {
    List<Parameter> parameters =
        stream.current().isOperator("(") ? parseParameters() : List.<Parameter>of();
    if (!(expressions.parse() instanceof Expression.Call call)) {
      throw TemplateException.syntax("{% call %} needs the call of a macro", line);
    }
    return new Statement.CallBlock(call, parseCallable(parameters, "endcall"), line);
  }

  /** The body of a macro or of a block that is passed to one: it cannot end a loop outside. */
  private MacroBody parseCallable(List<Parameter> parameters, String closing) {
    Set<String> names = new HashSet<>();
    Set<String> outerNames = expressions.collectNames(names);
    int outerLoops = loops;
    loops = 0;
    List<Statement> body = parseEnclosed(closing);
    loops = outerLoops;
    outerNames.addAll(names);
    expressions.collectNames(outerNames);
    return new MacroBody(
        parameters,
        body,
        names.contains("caller"),
        names.contains("varargs"),
        names.contains("kwargs"));
  }

  private List<Parameter> parseParameters() {
    stream.expectOperator("(");
    List<Parameter> parameters = new ArrayList<>();
    while (!stream.skipOperator(")")) {
      if (!parameters.isEmpty()) {
        stream.expectOperator(",");
      }
      String name = stream.expectIdentifier();
      boolean optional = stream.skipOperator("=");
      if (!optional && !parameters.isEmpty() && parameters.getLast().defaultValue() != null) {
        throw stream.unexpected("a default value, as the parameter before has one,");
      }
      parameters.add(new Parameter(name, optional ? expressions.parse() : null));
    }
    return List.copyOf(parameters);
  }

  /** {@code a}, {@code namespace.a}, {@code a, b} or {@code (a, b)}. */
  private Target parseTarget() {
    List<Target> targets = new ArrayList<>();
    do {
      targets.add(parseSingleTarget());
    } while (stream.skipOperator(",") && stream.current().type() != TokenType.BLOCK_END);
    return targets.size() == 1 ? targets.getFirst() : new Target.Several(List.copyOf(targets));
  }

  private Target parseSingleTarget() {
    if (stream.skipOperator("(")) {
      stream.enter();
      Target target = parseTarget();
      stream.leave();
      stream.expectOperator(")");
      return target;
    }
    Token name = stream.expect(TokenType.NAME, "the name of a variable");
    if (Set.of("true", "false", "none", "True", "False", "None").contains(name.text())) {
      throw TemplateException.syntax("cannot assign to '" + name.text() + "'", name.line());
    }
    return stream.skipOperator(".")
        ? new Target.Member(name.text(), stream.expectIdentifier())
        : new Target.Variable(name.text());
  }
}
