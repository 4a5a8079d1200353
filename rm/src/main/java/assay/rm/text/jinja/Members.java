package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Function;
import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.None;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import assay.rm.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What {@code object.name}, {@code object[key]} and {@code object[a:b]} give. Attributes are those
 * listed here; anything else, Python's own {@code __class__} included, is undefined.
 */
final class Members {
  /** Python's methods that change a list or map: known, so that they hide a key, but undefined. */
  private static final Set<String> MUTATORS =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  private final Operations operations;

  Members(Operations operations) {
    this.operations = operations;
  }

  /** {@code object.name}: an attribute comes before an entry of the same name. */
  Value attribute(Value object, String name) {
    Value found = attributeOrNull(object, name);
    if (found == null && object instanceof Mapping mapping) {
      found = mapping.entries().get(new Text(name));
    }
    return found != null ? found : missing(object, "attribute", name);
  }

  /** {@code object[key]}: an entry comes before an attribute of the same name. */
  Value item(Value object, Value key) {
    Value found =
        switch (object) {
          case Mapping mapping when Operations.isKey(key) -> mapping.entries().get(key);
          case Sequence sequence when sequence.kind() != Sequence.Kind.VIEW ->
              Operations.integer(key) instanceof Int index
                  ? element(sequence.items(), index.value())
                  : null;
          case Text text when Operations.integer(key) instanceof Int index ->
              character(text.value(), index.value());
          default -> null;
        };
    if (found == null && key instanceof Text name) {
      found = attributeOrNull(object, name.value());
    }
    if (found != null) {
      return found;
    }
    requireDefined(object);
    return missing(object, "element", operations.text(key));
  }

  /** What a filter's {@code attribute} names: {@code 'a.0.b'} is an entry, an index, an entry. */
  Value path(Value object, Value attribute) {
    if (attribute instanceof Int) {
      return item(object, attribute);
    }
    if (!(attribute instanceof Text path)) {
      throw TemplateException.failed(
          "an attribute is named by a string, not " + Operations.typeName(attribute));
    }
    Value value = object;
    for (Value name : new TextSplitter(operations.budget(), path.value()).atSeparator(".", -1)) {
      value = item(value, index(((Text) name).value()));
    }
    return value;
  }

  private static Value index(String name) {
    boolean digits = !name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits && name.length() < 10 ? new Int(Long.parseLong(name)) : new Text(name);
  }

  private static Value element(List<Value> items, long index) {
    long from = index < 0 ? index + items.size() : index;
    return from >= 0 && from < items.size() ? items.get((int) from) : null;
  }

  private Value character(String text, long index) {
    int length = operations.length(new Text(text));
    long from = index < 0 ? index + length : index;
    if (from < 0 || from >= length) {
      return null;
    }
    return new Text(Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) from))));
  }

  private Value attributeOrNull(Value object, String name) {
    requireDefined(object);
    return switch (object) {
      case Text text -> textMethod(text.value(), name);
      case Mapping mapping -> mapMethod(mapping, name);
      case Sequence sequence -> sequenceMethod(sequence, name);
      case Value.Namespace namespace -> namespace.attributes.get(name);
      case Value.Loop loop -> loop.attribute(name);
      default -> null;
    };
  }

  private static void requireDefined(Value object) {
    if (object instanceof Undefined undefined) {
      throw TemplateException.failed(undefined.what() + " is undefined");
    }
  }

  private static Undefined missing(Value object, String kind, String name) {
    return new Undefined(Operations.typeName(object) + "'s " + kind + " '" + shorten(name) + "'");
  }

  private static String shorten(String name) {
    return name.length() <= 60 ? name : name.substring(0, 60) + "...";
  }

  private Value textMethod(String text, String name) {
    TextMethods.Method method = TextMethods.named(name);
    return method == null
        ? null
        : new Function(name, arguments -> method.call(operations, text, arguments));
  }

  private Value mapMethod(Mapping mapping, String name) {
    Map<Value, Value> entries = mapping.entries();
    return switch (name) {
      case "get" ->
          new Function(
              name,
              given -> {
                Arguments arguments = given.bind("key", "default");
                Value found = entries.get(Operations.key(arguments.required("key")));
                Value otherwise = arguments.value("default");
                return found != null ? found : otherwise != null ? otherwise : None.NONE;
              });
      case "keys" -> view(name, () -> List.copyOf(entries.keySet()));
      case "values" -> view(name, () -> List.copyOf(entries.values()));
      case "items" -> view(name, () -> pairs(mapping));
      case "copy" -> new Function(name, arguments -> mapping);
      default -> MUTATORS.contains(name) ? missing(mapping, "method", name) : null;
    };
  }

  private Value view(String name, Supplier<List<Value>> items) {
    return new Function(
        name,
        arguments -> {
          arguments.bind();
          Sequence view = new Sequence(Sequence.Kind.VIEW, items.get());
          operations.budget().items(view.items().size());
          return view;
        });
  }

  /** The entries of a map as tuples of key and value. */
  List<Value> pairs(Mapping mapping) {
    operations.budget().items(mapping.entries().size());
    List<Value> pairs = new ArrayList<>();
    mapping.entries().forEach((key, value) -> pairs.add(Sequence.tuple(List.of(key, value))));
    return pairs;
  }

  private Value sequenceMethod(Sequence sequence, String name) {
    return switch (name) {
      case "index" -> new Function(name, given -> new Int(indexOf(sequence, given)));
      case "count" ->
          new Function(
              name,
              given -> {
                Value wanted = given.bind("value").required("value");
                return new Int(
                    sequence.items().stream()
                        .filter(item -> operations.equal(item, wanted))
                        .count());
              });
      case "copy" -> new Function(name, arguments -> sequence);
      default -> null;
    };
  }

  private long indexOf(Sequence sequence, Arguments given) {
    Value wanted = given.bind("value").required("value");
    for (int i = 0; i < sequence.items().size(); i++) {
      if (operations.equal(sequence.items().get(i), wanted)) {
        return i;
      }
    }
    throw TemplateException.failed("the value that index looks for is not in the list");
  }
}
