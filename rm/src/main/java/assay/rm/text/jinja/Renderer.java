package assay.rm.text.jinja;

import assay.rm.text.jinja.Statement.MacroBody;
import assay.rm.text.jinja.Statement.Parameter;
import assay.rm.text.jinja.Statement.Target;
import assay.rm.text.jinja.Template.Span;
import assay.rm.text.jinja.Value.Function;
import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import assay.rm.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Goes through the statements of a template and writes what they print. Used once. */
final class Renderer {
  /** Where a statement leaves its loop. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Operations operations;
  private final Evaluator evaluator;
  private final TextBuilder page;
  private final List<Span> generations = new ArrayList<>();

  /** Where text goes now: the page, or what a macro or block is making. */
  private TextBuilder out;

  Renderer(Operations operations) {
    this.operations = operations;
    this.evaluator = new Evaluator(operations);
    this.page = operations.builder();
    this.out = page;
  }

  Template.Rendering render(List<Statement> template, Scope scope) {
    renderAll(template, scope);
    return new Template.Rendering(page.toString(), List.copyOf(generations));
  }

  private Flow renderAll(List<Statement> body, Scope scope) {
    operations.budget().enter();
    Flow flow = Flow.NEXT;
    for (int i = 0; i < body.size() && flow == Flow.NEXT; i++) {
      flow = render(body.get(i), scope);
    }
    operations.budget().leave();
    return flow;
  }

  private Flow render(Statement statement, Scope scope) {
    operations.budget().step();
    try {
      return switch (statement) {
        case Statement.Data data -> print(data.text());
        case Statement.Print print ->
            print(operations.text(evaluator.evaluate(print.expression(), scope)));
        case Statement.If condition -> renderIf(condition, scope);
        case Statement.For loop -> {
          List<Value> items = operations.items(evaluator.evaluate(loop.sequence(), scope));
          yield renderLoop(loop, items, scope, 0);
        }
        case Statement.Break b -> Flow.BREAK;
        case Statement.Continue c -> Flow.CONTINUE;
        case Statement.Set set ->
            assign(set.target(), evaluator.evaluate(set.value(), scope), scope);
        case Statement.SetBlock set ->
            assign(set.target(), blockValue(set.value(), set.body(), scope), scope);
        case Statement.FilterBlock block ->
            print(operations.text(blockValue(block.value(), block.body(), scope)));
        case Statement.With with -> renderWith(with, scope);
        case Statement.Macro macro -> {
          scope.set(macro.name(), function(macro.name(), macro.macro(), scope));
          yield Flow.NEXT;
        }
        case Statement.CallBlock block -> {
          Value caller = function("caller", block.caller(), scope);
          yield print(operations.text(evaluator.call(block.call(), caller, scope)));
        }
        case Statement.Generation generation -> renderGeneration(generation, scope);
      };
    } catch (TemplateException e) {
      throw e.atLine(statement.line());
    }
  }

  private Flow print(String text) {
    out.append(text);
    return Flow.NEXT;
  }

  private Flow renderIf(Statement.If statement, Scope scope) {
    for (Statement.Branch branch : statement.branches()) {
      if (evaluator.isTrue(branch.condition(), scope)) {
        return renderAll(branch.body(), scope);
      }
    }
    return renderAll(statement.otherwise(), scope);
  }

  private Flow renderLoop(Statement.For loop, List<Value> items, Scope scope, int depth) {
    Predicate<Value> condition =
        item -> {
          if (loop.condition() == null) {
            return true;
          }
          Scope inner = new Scope(scope);
          assign(loop.target(), item, inner);
          return evaluator.isTrue(loop.condition(), inner);
        };
    Function.Body recursion =
        arguments -> {
          Value more = arguments.bind("items").required("items");
          return capture(() -> renderLoop(loop, operations.items(more), scope, depth + 1));
        };
    LoopState state =
        new LoopState(operations, items, condition, depth, loop.recursive() ? recursion : null);
    boolean finished = false;
    Flow flow = Flow.NEXT;
    while (flow != Flow.BREAK && state.advance()) {
      Scope inner = new Scope(scope);
      assign(loop.target(), state.current(), inner);
      inner.set("loop", state);
      flow = renderAll(loop.body(), inner);
      finished |= flow == Flow.NEXT;
    }
    // Jinja notes at the end of the body that there was an item: one left early does not count.
    return finished ? Flow.NEXT : renderAll(loop.otherwise(), new Scope(scope));
  }

  private Flow renderWith(Statement.With with, Scope scope) {
    Scope inner = new Scope(scope);
    for (int i = 0; i < with.targets().size(); i++) {
      assign(with.targets().get(i), evaluator.evaluate(with.values().get(i), scope), inner);
    }
    return renderAll(with.body(), inner);
  }

  /** Notes where in the page the block stands; inside a macro, that is where its call stands. */
  private Flow renderGeneration(Statement.Generation generation, Scope scope) {
    int start = page.codePoints();
    String text = capture(() -> renderAll(generation.body(), new Scope(scope))).value();
    generations.add(new Span(start, start + text.codePointCount(0, text.length())));
    return print(text);
  }

  /** The text of a block, or what filters make of it. */
  private Value blockValue(Expression value, List<Statement> body, Scope scope) {
    Text text = capture(() -> renderAll(body, new Scope(scope)));
    Scope inner = new Scope(scope);
    inner.set(Evaluator.BLOCK_TEXT, text);
    return evaluator.evaluate(value, inner);
  }

  /** What is printed meanwhile, as a value instead of on the page. */
  private Text capture(Runnable rendering) {
    TextBuilder outer = out;
    TextBuilder inner = operations.builder();
    out = inner;
    rendering.run();
    out = outer;
    return inner.toValue();
  }

  private Flow assign(Target target, Value value, Scope scope) {
    switch (target) {
      case Target.Variable variable -> scope.set(variable.name(), value);
      case Target.Member member -> {
        if (!(scope.get(member.namespace()) instanceof Value.Namespace namespace)) {
          throw TemplateException.failed(
              "'" + member.namespace() + "' is no namespace, so it has no attribute to set");
        }
        if (member.attribute().startsWith("_")) {
          throw TemplateException.failed("the attribute of a namespace cannot begin with '_'");
        }
        namespace.attributes.put(member.attribute(), value);
      }
      case Target.Several several -> {
        List<Value> values = operations.items(value);
        if (values.size() != several.targets().size()) {
          throw TemplateException.failed(
              "cannot unpack "
                  + values.size()
                  + " values into "
                  + several.targets().size()
                  + " variables");
        }
        for (int i = 0; i < values.size(); i++) {
          assign(several.targets().get(i), values.get(i), scope);
        }
      }
    }
    return Flow.NEXT;
  }

  /** A macro as a value; it sees the variables of the place where it is written. */
  private Function function(String name, MacroBody macro, Scope definition) {
    return new Function(
        name,
        arguments -> {
          Scope scope = new Scope(definition);
          bind(name, macro, arguments, scope);
          return capture(() -> renderAll(macro.body(), scope));
        });
  }

  private void bind(String name, MacroBody macro, Arguments arguments, Scope scope) {
    List<Value> positional = arguments.positional();
    Map<String, Value> named = new LinkedHashMap<>(arguments.named());
    int count = macro.parameters().size();
    for (int i = 0; i < count; i++) {
      Parameter parameter = macro.parameters().get(i);
      Value value = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
      if (value == null) {
        value =
            parameter.defaultValue() == null
                ? new Undefined("parameter '" + parameter.name() + "'")
                : evaluator.evaluate(parameter.defaultValue(), scope);
      }
      scope.set(parameter.name(), value);
    }
    if (macro.takesCaller()
        && macro.parameters().stream().noneMatch(p -> p.name().equals("caller"))) {
      Value caller = named.remove("caller");
      scope.set("caller", caller == null ? new Undefined("'caller'") : caller);
    }
    if (macro.takesMoreNamed()) {
      Map<Value, Value> entries = new LinkedHashMap<>();
      named.forEach((key, value) -> entries.put(new Text(key), value));
      scope.set("kwargs", new Mapping(entries));
    } else if (!named.isEmpty()) {
      throw TemplateException.failed(
          name + " has no parameter '" + named.keySet().iterator().next() + "'");
    }
    List<Value> more = positional.subList(Math.min(count, positional.size()), positional.size());
    if (macro.takesMore()) {
      scope.set("varargs", Sequence.tuple(List.copyOf(more)));
    } else if (!more.isEmpty()) {
      throw TemplateException.failed(
          name + " takes at most " + count + " arguments, not " + positional.size());
    }
  }
}
