package assay.rm.text.jinja;

import static java.util.Map.entry;

import assay.rm.text.jinja.Value.Bool;
import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.None;
import assay.rm.text.jinja.Value.Real;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Stream;
import assay.rm.text.jinja.Value.Text;
import assay.rm.text.jinja.Value.Undefined;
import java.util.Map;
import java.util.function.IntPredicate;

/** {@code value is name(argument)}: the tests of chat templates. */
final class Tests {
  /** A test; the arguments are those behind its name. */
  interface Test {
    boolean passes(Operations operations, Value input, Arguments arguments);
  }

  private static final Map<String, Test> TESTS =
      Map.ofEntries(
          entry("defined", (o, input, a) -> plain(a, !(input instanceof Undefined))),
          entry("undefined", (o, input, a) -> plain(a, input instanceof Undefined)),
          entry("none", (o, input, a) -> plain(a, input == None.NONE)),
          entry("boolean", (o, input, a) -> plain(a, input instanceof Bool)),
          entry("true", (o, input, a) -> plain(a, input.equals(Bool.TRUE))),
          entry("false", (o, input, a) -> plain(a, input.equals(Bool.FALSE))),
          entry("integer", (o, input, a) -> plain(a, input instanceof Int)),
          entry("float", (o, input, a) -> plain(a, input instanceof Real)),
          entry("number", (o, input, a) -> plain(a, Operations.isNumber(input))),
          entry("string", (o, input, a) -> plain(a, input instanceof Text)),
          entry("mapping", (o, input, a) -> plain(a, input instanceof Mapping)),
          entry("iterable", (o, input, a) -> plain(a, isIterable(input))),
          entry("sequence", (o, input, a) -> plain(a, isSequence(input))),
          entry(
              "filter",
              (o, input, a) -> plain(a, input instanceof Text t && Filters.exists(t.value()))),
          entry("test", (o, input, a) -> plain(a, input instanceof Text t && exists(t.value()))),
          entry("callable", (o, input, a) -> plain(a, input instanceof Value.Function)),
          entry("lower", (o, input, a) -> cased(o, input, a, Character::isLowerCase)),
          entry("upper", (o, input, a) -> cased(o, input, a, Character::isUpperCase)),
          entry("even", (o, input, a) -> remainder(o, input, new Int(2), a, 0)),
          entry("odd", (o, input, a) -> remainder(o, input, new Int(2), a, 1)),
          entry("divisibleby", (o, input, a) -> remainder(o, input, other(a), a, 0)),
          entry("in", (o, input, a) -> o.contains(other(a), input)),
          entry("sameas", (o, input, a) -> isSame(o, input, other(a))),
          entry("eq", (o, input, a) -> o.equal(input, other(a))),
          entry("equalto", (o, input, a) -> o.equal(input, other(a))),
          entry("==", (o, input, a) -> o.equal(input, other(a))),
          entry("ne", (o, input, a) -> !o.equal(input, other(a))),
          entry("!=", (o, input, a) -> !o.equal(input, other(a))),
          entry("lt", (o, input, a) -> o.compare(input, other(a)) < 0),
          entry("lessthan", (o, input, a) -> o.compare(input, other(a)) < 0),
          entry("<", (o, input, a) -> o.compare(input, other(a)) < 0),
          entry("le", (o, input, a) -> o.compare(input, other(a)) <= 0),
          entry("<=", (o, input, a) -> o.compare(input, other(a)) <= 0),
          entry("gt", (o, input, a) -> o.compare(input, other(a)) > 0),
          entry("greaterthan", (o, input, a) -> o.compare(input, other(a)) > 0),
          entry(">", (o, input, a) -> o.compare(input, other(a)) > 0),
          entry("ge", (o, input, a) -> o.compare(input, other(a)) >= 0),
          entry(">=", (o, input, a) -> o.compare(input, other(a)) >= 0));

  private Tests() {}

  static boolean exists(String name) {
    return TESTS.containsKey(name);
  }

  static boolean passes(Operations operations, Value input, Arguments arguments) {
    Test test = TESTS.get(arguments.function());
    if (test == null) {
      throw TemplateException.failed("there is no test '" + arguments.function() + "'");
    }
    operations.budget().step();
    return test.passes(operations, input, arguments);
  }

  /** A test that takes no argument. */
  private static boolean plain(Arguments given, boolean result) {
    given.bind();
    return result;
  }

  private static Value other(Arguments given) {
    return given.bind("other").required("other");
  }

  private static boolean isIterable(Value value) {
    return isSequence(value) || value instanceof Stream || value instanceof Sequence;
  }

  /** Whatever has a length and can be indexed; Python's undefined claims both. */
  private static boolean isSequence(Value value) {
    return switch (value) {
      case Text t -> true;
      case Mapping m -> true;
      case Undefined u -> true;
      case Sequence sequence -> sequence.kind() != Sequence.Kind.VIEW;
      default -> false;
    };
  }

  /** Python asks for the same object; we have values only, so the same type has to do. */
  private static boolean isSame(Operations operations, Value left, Value right) {
    return left.getClass() == right.getClass() && operations.equal(left, right);
  }

  private static boolean cased(
      Operations operations, Value input, Arguments given, IntPredicate passes) {
    given.bind();
    String text = operations.text(input);
    operations.budget().scan(text.length());
    return PythonText.allCased(text, passes);
  }

  private static boolean remainder(
      Operations operations, Value input, Value divisor, Arguments given, int expected) {
    given.bind("other");
    Value rest = new Arithmetic(operations).apply("%", input, divisor);
    return operations.equal(rest, new Int(expected));
  }
}
