package assay.rm.text.jinja;

import assay.rm.text.jinja.Expression.Operands;
import assay.rm.text.jinja.Value.Bool;
import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import assay.rm.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Computes the value of an expression, given the variables. */
final class Evaluator {
  /** The name under which a block's text waits for its filters; no variable can be called so. */
  static final String BLOCK_TEXT = "{block}";

  private final Operations operations;
  private final Arithmetic arithmetic;
  private final Members members;
  private final Slicer slicer;

  Evaluator(Operations operations) {
    this.operations = operations;
    this.arithmetic = new Arithmetic(operations);
    this.members = new Members(operations);
    this.slicer = new Slicer(operations);
  }

  /**
   * @throws TemplateException with the line of the innermost expression that failed
   */
  Value evaluate(Expression expression, Scope scope) {
    operations.budget().enter();
    try {
      return valueOf(expression, scope);
    } catch (TemplateException e) {
      throw e.atLine(expression.line());
    } finally {
      operations.budget().leave();
    }
  }

  private Value valueOf(Expression expression, Scope scope) {
    return switch (expression) {
      case Expression.Literal literal -> literal.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.BlockText text -> scope.get(BLOCK_TEXT);
      case Expression.ListOf list -> operations.list(evaluateAll(list.items(), scope));
      case Expression.TupleOf tuple -> {
        List<Value> items = evaluateAll(tuple.items(), scope);
        operations.budget().items(items.size());
        yield Sequence.tuple(items);
      }
      case Expression.MapOf map -> map(map, scope);
      case Expression.Attribute attribute ->
          members.attribute(evaluate(attribute.object(), scope), attribute.name());
      case Expression.Item item ->
          members.item(evaluate(item.object(), scope), evaluate(item.key(), scope));
      case Expression.Slice slice ->
          slicer.slice(
              evaluate(slice.object(), scope),
              evaluateOrNull(slice.start(), scope),
              evaluateOrNull(slice.stop(), scope),
              evaluateOrNull(slice.step(), scope));
      case Expression.Call call -> call(call, null, scope);
      case Expression.Filtered filtered -> {
        Value input = evaluate(filtered.input(), scope);
        Arguments arguments = arguments(filtered.name(), filtered.operands(), scope);
        yield Filters.apply(operations, input, arguments);
      }
      case Expression.Tested tested -> {
        Value input = evaluate(tested.input(), scope);
        Arguments arguments = arguments(tested.name(), tested.operands(), scope);
        yield Bool.of(Tests.passes(operations, input, arguments));
      }
      case Expression.Not not -> Bool.of(!isTrue(not.operand(), scope));
      case Expression.Sign sign ->
          Arithmetic.sign(sign.negative(), evaluate(sign.operand(), scope));
      case Expression.Arithmetic operation ->
          arithmetic.apply(
              operation.operator(),
              evaluate(operation.left(), scope),
              evaluate(operation.right(), scope));
      case Expression.Concatenation concatenation -> {
        TextBuilder text = operations.builder();
        for (Expression part : concatenation.parts()) {
          text.append(operations.text(evaluate(part, scope)));
        }
        yield text.toValue();
      }
      case Expression.Comparison comparison -> Bool.of(holds(comparison, scope));
      case Expression.And and -> {
        Value left = evaluate(and.left(), scope);
        yield Operations.isTrue(left) ? evaluate(and.right(), scope) : left;
      }
      case Expression.Or or -> {
        Value left = evaluate(or.left(), scope);
        yield Operations.isTrue(left) ? left : evaluate(or.right(), scope);
      }
      case Expression.Conditional conditional -> conditional(conditional, scope);
    };
  }

  boolean isTrue(Expression condition, Scope scope) {
    return Operations.isTrue(evaluate(condition, scope));
  }

  private Value evaluateOrNull(Expression expression, Scope scope) {
    return expression == null ? null : evaluate(expression, scope);
  }

  private List<Value> evaluateAll(List<Expression> expressions, Scope scope) {
    List<Value> values = new ArrayList<>(expressions.size());
    for (Expression expression : expressions) {
      values.add(evaluate(expression, scope));
    }
    return values;
  }

  private Value map(Expression.MapOf map, Scope scope) {
    operations.budget().items(map.keys().size());
    Map<Value, Value> entries = new LinkedHashMap<>();
    for (int i = 0; i < map.keys().size(); i++) {
      Value key = Operations.key(evaluate(map.keys().get(i), scope));
      entries.put(key, evaluate(map.values().get(i), scope));
    }
    return new Mapping(entries);
  }

  private Value conditional(Expression.Conditional conditional, Scope scope) {
    if (isTrue(conditional.condition(), scope)) {
      return evaluate(conditional.then(), scope);
    }
    return conditional.otherwise() == null
        ? new Undefined("the value of an 'if' without 'else'")
        : evaluate(conditional.otherwise(), scope);
  }

  private boolean holds(Expression.Comparison comparison, Scope scope) {
    Value left = evaluate(comparison.first(), scope);
    for (int i = 0; i < comparison.operators().size(); i++) {
      Value right = evaluate(comparison.others().get(i), scope);
      if (!compare(left, comparison.operators().get(i), right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private boolean compare(Value left, String operator, Value right) {
    return switch (operator) {
      case "==" -> operations.equal(left, right);
      case "!=" -> !operations.equal(left, right);
      case "<" -> operations.compare(left, right) < 0;
      case "<=" -> operations.compare(left, right) <= 0;
      case ">" -> operations.compare(left, right) > 0;
      case ">=" -> operations.compare(left, right) >= 0;
      case "in" -> operations.contains(right, left);
      case "not in" -> !operations.contains(right, left);
      default -> throw new AssertionError(operator);
    };
  }

  /**
   * Calls a function.
   *
   * @param caller what a call block passes beside the arguments, or null
   */
  Value call(Expression.Call call, Value caller, Scope scope) {
    Value callee = evaluate(call.function(), scope);
    String name = callee instanceof Value.Function function ? function.name() : "the call";
    Arguments arguments = arguments(name, call.operands(), scope);
    if (caller != null) {
      arguments.named().put("caller", caller);
    }
    return switch (callee) {
      case Value.Function function -> function.body().call(arguments);
      case Value.Loop loop -> loop.again(arguments);
      case Undefined undefined ->
          throw TemplateException.failed(undefined.what() + " is undefined");
      default -> throw TemplateException.failed(Operations.typeName(callee) + " cannot be called");
    };
  }

  private Arguments arguments(String function, Operands operands, Scope scope) {
    List<Value> positional = evaluateAll(operands.positional(), scope);
    if (operands.spread() != null) {
      List<Value> more = operations.items(evaluate(operands.spread(), scope));
      operations.budget().items(more.size());
      positional.addAll(more);
    }
    Map<String, Value> named = new LinkedHashMap<>();
    for (int i = 0; i < operands.names().size(); i++) {
      named.put(operands.names().get(i), evaluate(operands.named().get(i), scope));
    }
    if (operands.spreadNamed() != null) {
      Value more = evaluate(operands.spreadNamed(), scope);
      if (!(more instanceof Mapping mapping)) {
        throw TemplateException.failed("'**' needs a map, not " + Operations.typeName(more));
      }
      operations.budget().items(mapping.entries().size());
      for (Map.Entry<Value, Value> entry : mapping.entries().entrySet()) {
        if (!(entry.getKey() instanceof Text name)) {
          throw TemplateException.failed("'**' needs a map with strings as keys");
        }
        named.put(name.value(), entry.getValue());
      }
    }
    return new Arguments(function, positional, named);
  }
}
