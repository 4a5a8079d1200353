package assay.rm.text.jinja;

import assay.tensor.InvalidInputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything a template can hold. The values are JSON's, plus what the language itself makes
 * (undefined, macros, loops); no Java object of the program can be one, so a template has nothing
 * to reach out to.
 */
public sealed interface Value {
  /** Containers may lie in each other this deep; then no walk over a value overflows the stack. */
  int MAX_NESTING = 100;

  /** Levels of containers: 0 for a plain value, 1 for a list of plain values. */
  default int nesting() {
    return 0;
  }

  /**
   * A name or a member that does not exist. Printing gives nothing, a loop over it does nothing,
   * any other use fails.
   *
   * @param what what is missing, for the message of that failure
   */
  record Undefined(String what) implements Value {}

  /** {@code none}. */
  enum None implements Value {
    NONE
  }

  /** {@code true} or {@code false}. */
  record Bool(boolean value) implements Value {
    static final Bool TRUE = new Bool(true);
    static final Bool FALSE = new Bool(false);

    static Bool of(boolean value) {
      return value ? TRUE : FALSE;
    }
  }

  /** A whole number. Python's have no bound; ours fail beyond 64 bits. */
  record Int(long value) implements Value {}

  /** A floating point number. */
  record Real(double value) implements Value {}

  /** A string. Its length and indices count code points, as in Python, not Java's chars. */
  record Text(String value) implements Value {
    static final Text EMPTY = new Text("");
  }

  /** Items in order, none of which can be changed. */
  record Sequence(Kind kind, List<Value> items, int nesting) implements Value {
    static final Sequence EMPTY = new Sequence(Kind.LIST, List.of());

    /** What Python would call it; the kinds print differently and are never equal. */
    enum Kind {
      LIST,
      TUPLE,
      RANGE,
      /** The keys, values or items of a map: they have a length, but no indices. */
      VIEW
    }

    Sequence(Kind kind, List<Value> items) {
      this(kind, items, nestingOf(items));
    }

    static Sequence list(List<Value> items) {
      return new Sequence(Kind.LIST, items);
    }

    static Sequence tuple(List<Value> items) {
      return new Sequence(Kind.TUPLE, items);
    }
  }

  /** What filters like {@code map} give: items that can be gone through once, then it is empty. */
  final class Stream implements Value {
    private final int nesting;
    private List<Value> items;

    Stream(List<Value> items) {
      this.items = items;
      this.nesting = nestingOf(items);
    }

    List<Value> take() {
      List<Value> taken = items;
      items = List.of();
      return taken;
    }

    @Override
    public int nesting() {
      return nesting;
    }
  }

  /**
   * Values by key, in order. Keys are plain values; {@code 1}, {@code 1.0} and {@code true} are
   * three of them, which in Python are one.
   */
  record Mapping(Map<Value, Value> entries, int nesting) implements Value {
    Mapping(Map<Value, Value> entries) {
      this(entries, nestingOf(entries.values()));
    }
  }

  /** What {@code namespace()} makes: the one thing a template can change. */
  final class Namespace implements Value {
    final Map<String, Value> attributes = new LinkedHashMap<>();
  }

  /** A macro, a method of a value, or a function that every template has. */
  record Function(String name, Body body) implements Value {
    /** What happens at a call. */
    interface Body {
      Value call(Arguments arguments);
    }
  }

  /** The variable {@code loop}. */
  non-sealed interface Loop extends Value {
    /** {@code loop.name}, or null if loops have no such attribute. */
    Value attribute(String name);

    /** {@code loop(items)}: the loop's body for other items, if the loop is recursive. */
    Value again(Arguments arguments);
  }

  private static int nestingOf(Iterable<Value> items) {
    int deepest = 0;
    for (Value item : items) {
      deepest = Math.max(deepest, item.nesting());
    }
    if (deepest >= MAX_NESTING) {
      throw TemplateException.limit(
          "lists and maps lie in each other more than " + MAX_NESTING + " deep");
    }
    return deepest + 1;
  }

  /**
   * The value of JSON data: null, Boolean, Number, String, List and Map with string keys.
   *
   * @throws InvalidInputException for any other class
   */
  static Value of(Object json) {
    return fromJson(json, 0);
  }

  private static Value fromJson(Object json, int depth) {
    if (depth > MAX_NESTING) {
      throw new InvalidInputException(
          "a message holds lists and objects more than " + MAX_NESTING + " deep");
    }
    return switch (json) {
      case null -> None.NONE;
      case Value value -> value;
      case Boolean value -> Bool.of(value);
      case String value -> new Text(value);
      case Integer value -> new Int(value);
      case Long value -> new Int(value);
      case BigInteger value when value.bitLength() < Long.SIZE -> new Int(value.longValue());
      case Float value -> new Real(value);
      case Double value -> new Real(value);
      case BigDecimal value -> new Real(value.doubleValue());
      case List<?> list -> {
        List<Value> items = new ArrayList<>(list.size());
        for (Object item : list) {
          items.add(fromJson(item, depth + 1));
        }
        yield Sequence.list(items);
      }
      case Map<?, ?> map -> {
        Map<Value, Value> entries = LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((key, value) -> entries.put(new Text(keyOf(key)), fromJson(value, depth + 1)));
        yield new Mapping(entries);
      }
      default ->
          throw new InvalidInputException(
              "a chat template can read JSON values only, not " + json.getClass().getSimpleName());
    };
  }

  private static String keyOf(Object key) {
    if (key instanceof String text) {
      return text;
    }
    throw new InvalidInputException("the keys of an object must be strings, not " + key);
  }
}
