package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.None;
import assay.rm.text.jinja.Value.Real;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import assay.rm.text.jinja.Value.Undefined;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** What Python's operators do with values: truth, equality, order, membership, iteration. */
final class Operations {
  private final Budget budget;
  private final Printer printer;

  Operations(Budget budget) {
    this.budget = budget;
    this.printer = new Printer(budget);
  }

  Budget budget() {
    return budget;
  }

  /** The value as <code>{{ }}</code> prints it. */
  String text(Value value) {
    return printer.text(value);
  }

  Printer printer() {
    return printer;
  }

  TextBuilder builder() {
    return new TextBuilder(budget);
  }

  /** A new list; its items are paid for. */
  Sequence list(List<Value> items) {
    budget.items(items.size());
    return Sequence.list(items);
  }

  /** Zero, none, undefined and everything empty are false. */
  static boolean isTrue(Value value) {
    return switch (value) {
      case Undefined u -> false;
      case None n -> false;
      case Value.Bool bool -> bool.value();
      case Int number -> number.value() != 0;
      case Real number -> number.value() != 0;
      case Text text -> !text.value().isEmpty();
      case Sequence sequence -> !sequence.items().isEmpty();
      case Mapping mapping -> !mapping.entries().isEmpty();
      case Value.Stream s -> true;
      case Value.Namespace n -> true;
      case Value.Function f -> true;
      case Value.Loop l -> true;
    };
  }

  /** What Python calls the type, for error messages. */
  static String typeName(Value value) {
    return switch (value) {
      case Undefined undefined -> "undefined (" + undefined.what() + ")";
      case None n -> "none";
      case Value.Bool b -> "a boolean";
      case Int i -> "a whole number";
      case Real r -> "a float";
      case Text t -> "a string";
      case Sequence sequence ->
          switch (sequence.kind()) {
            case LIST -> "a list";
            case TUPLE -> "a tuple";
            case RANGE -> "a range";
            case VIEW -> "a view of a map";
          };
      case Value.Stream s -> "a generator";
      case Mapping m -> "a map";
      case Value.Namespace n -> "a namespace";
      case Value.Function f -> "a function";
      case Value.Loop l -> "a loop";
    };
  }

  /** {@code a == b}. Values of different types are unequal, but numbers compare as numbers. */
  boolean equal(Value left, Value right) {
    budget.step();
    return switch (left) {
      case Undefined u -> right instanceof Undefined;
      case Text text -> right instanceof Text other && equalText(text.value(), other.value());
      case Sequence sequence ->
          right instanceof Sequence other
              && sequence.kind() == other.kind()
              && equalItems(sequence.items(), other.items());
      case Mapping mapping -> right instanceof Mapping other && equalEntries(mapping, other);
      case Int a when integer(right) instanceof Int b -> a.value() == b.value();
      case Value.Bool a when integer(right) instanceof Int b -> (a.value() ? 1 : 0) == b.value();
      case Value.Bool a when right instanceof Real b -> (a.value() ? 1 : 0) == b.value();
      case Int a when right instanceof Real b -> (double) a.value() == b.value();
      case Real a when isNumber(right) -> a.value() == Arithmetic.toDouble(right);
      default -> left.equals(right);
    };
  }

  private boolean equalText(String left, String right) {
    budget.scan(Math.min(left.length(), right.length()));
    return left.equals(right);
  }

  private boolean equalItems(List<Value> left, List<Value> right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      if (!equal(left.get(i), right.get(i))) {
        return false;
      }
    }
    return true;
  }

  private boolean equalEntries(Mapping left, Mapping right) {
    if (left.entries().size() != right.entries().size()) {
      return false;
    }
    for (Map.Entry<Value, Value> entry : left.entries().entrySet()) {
      Value other = right.entries().get(entry.getKey());
      if (other == null || !equal(entry.getValue(), other)) {
        return false;
      }
    }
    return true;
  }

  static boolean isNumber(Value value) {
    return value instanceof Int || value instanceof Real || value instanceof Value.Bool;
  }

  /** A boolean as the number that it is in Python; every other value as it is. */
  static Value integer(Value value) {
    return value instanceof Value.Bool bool ? new Int(bool.value() ? 1 : 0) : value;
  }

  /**
   * Less than, equal, greater than: negative, zero, positive. Numbers, strings by code point, lists
   * item by item.
   *
   * @throws TemplateException if the two have no order
   */
  int compare(Value left, Value right) {
    budget.step();
    if (left instanceof Text a && right instanceof Text b) {
      budget.scan(Math.min(a.value().length(), b.value().length()));
      return BY_CODE_POINT.compare(a.value(), b.value());
    }
    if (left instanceof Sequence a && right instanceof Sequence b && a.kind() == b.kind()) {
      for (int i = 0; i < Math.min(a.items().size(), b.items().size()); i++) {
        if (!equal(a.items().get(i), b.items().get(i))) {
          return compare(a.items().get(i), b.items().get(i));
        }
      }
      return Integer.compare(a.items().size(), b.items().size());
    }
    if (integer(left) instanceof Int a && integer(right) instanceof Int b) {
      return Long.compare(a.value(), b.value());
    }
    if (isNumber(left) && isNumber(right)) {
      return compareReals(left, right);
    }
    throw TemplateException.failed("cannot order " + typeName(left) + " and " + typeName(right));
  }

  /** Exact also where a long has no double of its own: a sort needs an order without cracks. */
  private static int compareReals(Value left, Value right) {
    double a = Arithmetic.toDouble(left);
    double b = Arithmetic.toDouble(right);
    if (!Double.isFinite(a) || !Double.isFinite(b)) {
      return Double.compare(a, b);
    }
    return exact(left).compareTo(exact(right));
  }

  private static BigDecimal exact(Value number) {
    return integer(number) instanceof Int whole
        ? BigDecimal.valueOf(whole.value())
        : new BigDecimal(Arithmetic.toDouble(number));
  }

  /** Java's own order is by char, which puts emoji before some of the other characters. */
  private static final Comparator<String> BY_CODE_POINT =
      (left, right) -> {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
          if (left.charAt(i) != right.charAt(i)) {
            boolean bothOrNone =
                Character.isSurrogate(left.charAt(i)) == Character.isSurrogate(right.charAt(i));
            return bothOrNone
                ? Character.compare(left.charAt(i), right.charAt(i))
                : Integer.compare(left.codePointAt(i), right.codePointAt(i));
          }
        }
        return Integer.compare(left.length(), right.length());
      };

  /** {@code item in container}. */
  boolean contains(Value container, Value item) {
    return switch (container) {
      case Text text -> {
        if (!(item instanceof Text part)) {
          throw TemplateException.failed(
              "'in' a string needs a string on its left, not " + typeName(item));
        }
        budget.search(text.value().length(), part.value().length());
        yield text.value().contains(part.value());
      }
      case Mapping m when item instanceof Undefined -> false;
      case Mapping mapping -> mapping.entries().containsKey(key(item));
      default -> {
        for (Value candidate : items(container)) {
          if (equal(candidate, item)) {
            yield true;
          }
        }
        yield false;
      }
    };
  }

  /**
   * What a loop over a value goes through: items, keys, or the characters of a string.
   *
   * @throws TemplateException if a loop over it is impossible
   */
  List<Value> items(Value value) {
    return switch (value) {
      case Sequence sequence -> sequence.items();
      case Value.Stream stream -> stream.take();
      case Mapping mapping -> {
        budget.items(mapping.entries().size());
        yield List.copyOf(mapping.entries().keySet());
      }
      case Text text -> characters(text.value());
      case Undefined u -> List.of();
      default -> throw TemplateException.failed("cannot loop over " + typeName(value));
    };
  }

  private List<Value> characters(String text) {
    budget.characters(text.length());
    budget.items(text.length());
    List<Value> characters = new ArrayList<>();
    text.codePoints().forEach(c -> characters.add(new Text(Character.toString(c))));
    return characters;
  }

  /** {@code value | length}. */
  int length(Value value) {
    return switch (value) {
      case Text text -> {
        budget.scan(text.value().length());
        yield text.value().codePointCount(0, text.value().length());
      }
      case Sequence sequence -> sequence.items().size();
      case Mapping mapping -> mapping.entries().size();
      case Undefined u -> 0;
      default -> throw TemplateException.failed(typeName(value) + " has no length");
    };
  }

  /** A plain value can be the key of a map. */
  static boolean isKey(Value value) {
    return value instanceof Text || isNumber(value) || value instanceof None;
  }

  /** The same value, if it can be a key. */
  static Value key(Value value) {
    if (!isKey(value)) {
      throw TemplateException.failed(typeName(value) + " cannot be the key of a map");
    }
    return value;
  }
}
