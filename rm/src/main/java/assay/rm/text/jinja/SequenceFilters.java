package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Stream;
import assay.rm.text.jinja.Value.Text;
import assay.rm.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The filters that take lists apart and put them together. */
final class SequenceFilters {
  private SequenceFilters() {}

  static Value list(Operations operations, Value input, Arguments given) {
    given.bind();
    return operations.list(List.copyOf(operations.items(input)));
  }

  static Value first(Operations operations, Value input, Arguments given) {
    given.bind();
    List<Value> items = operations.items(input);
    return items.isEmpty() ? new Undefined("the first item of an empty list") : items.getFirst();
  }

  static Value last(Operations operations, Value input, Arguments given) {
    given.bind();
    if (input instanceof Stream) {
      throw TemplateException.failed("a generator has no last item; make it a list first");
    }
    List<Value> items = operations.items(input);
    return items.isEmpty() ? new Undefined("the last item of an empty list") : items.getLast();
  }

  static Value reverse(Operations operations, Value input, Arguments given) {
    given.bind();
    List<Value> items = new ArrayList<>(operations.items(input));
    operations.budget().items(items.size());
    Collections.reverse(items);
    if (!(input instanceof Text)) {
      return new Stream(items);
    }
    TextBuilder reversed = operations.builder();
    items.forEach(item -> reversed.append(operations.text(item)));
    return reversed.toValue();
  }

  static Value join(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("d", "attribute");
    UnaryOperator<Value> attribute = attribute(operations, arguments.value("attribute"));
    Value separator = arguments.value("d");
    String between = separator == null ? "" : operations.text(separator);
    TextBuilder joined = operations.builder();
    boolean first = true;
    for (Value item : operations.items(input)) {
      joined.append(first ? "" : between).append(operations.text(attribute.apply(item)));
      first = false;
    }
    return joined.toValue();
  }

  static Value items(Operations operations, Value input, Arguments given) {
    given.bind();
    return switch (input) {
      case Undefined u -> new Stream(List.of());
      case Mapping mapping -> new Stream(new Members(operations).pairs(mapping));
      default ->
          throw TemplateException.failed("items needs a map, not " + Operations.typeName(input));
    };
  }

  /** {@code map('filter', arguments)} or {@code map(attribute='name', default=value)}. */
  static Value map(Operations operations, Value input, Arguments given) {
    UnaryOperator<Value> change;
    if (given.positional().isEmpty() && given.named().containsKey("attribute")) {
      Arguments arguments = given.bind("attribute", "default");
      UnaryOperator<Value> attribute = attribute(operations, arguments.value("attribute"));
      Value otherwise = arguments.value("default");
      change =
          item -> {
            Value found = attribute.apply(item);
            return found instanceof Undefined && otherwise != null ? otherwise : found;
          };
    } else {
      Arguments arguments = inner(given, 0);
      change = item -> Filters.apply(operations, item, arguments);
    }
    List<Value> changed = new ArrayList<>();
    for (Value item : itemsOrNone(operations, input)) {
      operations.budget().items(1);
      changed.add(change.apply(item));
    }
    return new Stream(changed);
  }

  /** {@code select('test', arguments)}: items that pass; without a test, those that are true. */
  static Value select(Operations operations, Value input, Arguments given, boolean keep) {
    Predicate<Value> test = test(operations, given, 0);
    return keepIf(operations, input, item -> test.test(item) == keep);
  }

  /** {@code selectattr('attribute', 'test', arguments)}. */
  static Value selectAttribute(Operations operations, Value input, Arguments given, boolean keep) {
    if (given.positional().isEmpty()) {
      throw TemplateException.failed(given.function() + " needs the name of an attribute");
    }
    UnaryOperator<Value> attribute = attribute(operations, given.positional().getFirst());
    Predicate<Value> test = test(operations, given, 1);
    return keepIf(operations, input, item -> test.test(attribute.apply(item)) == keep);
  }

  private static Value keepIf(Operations operations, Value input, Predicate<Value> keep) {
    List<Value> kept = new ArrayList<>();
    for (Value item : itemsOrNone(operations, input)) {
      operations.budget().step();
      if (keep.test(item)) {
        operations.budget().items(1);
        kept.add(item);
      }
    }
    return new Stream(kept);
  }

  /** Items to choose from. What is false has none, even if it is no list: Jinja asks no further. */
  private static List<Value> itemsOrNone(Operations operations, Value input) {
    return Operations.isTrue(input) ? operations.items(input) : List.of();
  }

  private static Predicate<Value> test(Operations operations, Arguments given, int position) {
    if (given.positional().size() <= position) {
      return Operations::isTrue;
    }
    Arguments arguments = inner(given, position);
    return item -> Tests.passes(operations, item, arguments);
  }

  /** The filter or test that stands at a position, with the arguments that follow it. */
  private static Arguments inner(Arguments given, int position) {
    if (given.positional().size() > position
        && given.positional().get(position) instanceof Text name) {
      List<Value> rest = given.positional().subList(position + 1, given.positional().size());
      return new Arguments(name.value(), rest, given.named());
    }
    throw TemplateException.failed(given.function() + " needs the name of a filter or test");
  }

  /** By the items themselves, or by one or several attributes: {@code sort(attribute='a,b')}. */
  static Value sort(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("reverse", "case_sensitive", "attribute");
    List<UnaryOperator<Value>> attributes = new ArrayList<>();
    if (arguments.value("attribute") instanceof Text names) {
      TextSplitter splitter = new TextSplitter(operations.budget(), names.value());
      splitter.atSeparator(",", -1).forEach(name -> attributes.add(attribute(operations, name)));
    } else {
      attributes.add(attribute(operations, arguments.value("attribute")));
    }
    UnaryOperator<Value> fold = foldCase(arguments);
    Comparator<Value> order =
        (a, b) -> {
          for (UnaryOperator<Value> attribute : attributes) {
            Value left = fold.apply(attribute.apply(a));
            Value right = fold.apply(attribute.apply(b));
            if (!operations.equal(left, right)) {
              return operations.compare(left, right);
            }
          }
          return 0;
        };
    List<Value> sorted = new ArrayList<>(operations.items(input));
    sorted.sort(arguments.flag("reverse", false) ? order.reversed() : order);
    return operations.list(sorted);
  }

  /** The greatest (sign 1) or the least item (sign -1). */
  static Value extreme(Operations operations, Value input, Arguments given, int sign) {
    UnaryOperator<Value> key = key(operations, given.bind("case_sensitive", "attribute"));
    Comparator<Value> order = (a, b) -> operations.compare(key.apply(a), key.apply(b));
    Value best = null;
    for (Value item : operations.items(input)) {
      if (best == null || Integer.signum(order.compare(item, best)) == sign) {
        best = item;
      }
    }
    return best == null ? new Undefined("an item of an empty list") : best;
  }

  static Value unique(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("case_sensitive", "attribute");
    UnaryOperator<Value> key = key(operations, arguments);
    List<Value> keys = new ArrayList<>();
    List<Value> kept = new ArrayList<>();
    for (Value item : operations.items(input)) {
      Value candidate = key.apply(item);
      if (keys.stream().noneMatch(known -> operations.equal(known, candidate))) {
        operations.budget().items(2);
        keys.add(candidate);
        kept.add(item);
      }
    }
    return new Stream(kept);
  }

  /** The entries of a map as tuples, by key or by value. */
  static Value sortEntries(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("case_sensitive", "by", "reverse");
    if (!(input instanceof Mapping mapping)) {
      throw TemplateException.failed("dictsort needs a map, not " + Operations.typeName(input));
    }
    int position =
        switch (arguments.text("by", "key")) {
          case "key" -> 0;
          case "value" -> 1;
          default -> throw TemplateException.failed("dictsort: 'by' must be 'key' or 'value'");
        };
    UnaryOperator<Value> key = foldCase(arguments);
    Comparator<Value> order =
        (a, b) ->
            operations.compare(
                key.apply(((Sequence) a).items().get(position)),
                key.apply(((Sequence) b).items().get(position)));
    List<Value> pairs = new Members(operations).pairs(mapping);
    pairs.sort(arguments.flag("reverse", false) ? order.reversed() : order);
    return Sequence.list(pairs);
  }

  static Value sum(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("attribute", "start");
    UnaryOperator<Value> attribute = attribute(operations, arguments.value("attribute"));
    Arithmetic arithmetic = new Arithmetic(operations);
    Value total = arguments.value("start") == null ? new Int(0) : arguments.value("start");
    for (Value item : operations.items(input)) {
      operations.budget().step();
      total = arithmetic.apply("+", total, attribute.apply(item));
    }
    return total;
  }

  private static UnaryOperator<Value> key(Operations operations, Arguments arguments) {
    UnaryOperator<Value> attribute = attribute(operations, arguments.value("attribute"));
    UnaryOperator<Value> fold = foldCase(arguments);
    return item -> fold.apply(attribute.apply(item));
  }

  /** Unless asked otherwise, order and sameness ignore case. */
  private static UnaryOperator<Value> foldCase(Arguments arguments) {
    if (arguments.flag("case_sensitive", false)) {
      return value -> value;
    }
    return value -> value instanceof Text text ? new Text(PythonText.lower(text.value())) : value;
  }

  /** Goes to an attribute of an item; without one, stays at the item. */
  private static UnaryOperator<Value> attribute(Operations operations, Value attribute) {
    if (attribute == null || attribute == Value.None.NONE) {
      return item -> item;
    }
    Members members = new Members(operations);
    return item -> members.path(item, attribute);
  }
}
