package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Function;
import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.None;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template has, whatever variables it is given. */
final class Globals {
  private final Operations operations;
  private final LocalDate date;

  Globals(Operations operations, LocalDate date) {
    this.operations = operations;
    this.date = date;
  }

  Map<String, Value> functions() {
    return Map.of(
        "range", new Function("range", this::range),
        "dict", new Function("dict", arguments -> new Mapping(entries(arguments))),
        "namespace", new Function("namespace", this::namespace),
        "raise_exception", new Function("raise_exception", this::raiseException),
        "strftime_now", new Function("strftime_now", this::formatDate));
  }

  private Value range(Arguments given) {
    Arguments arguments = given.bind("start", "stop", "step");
    boolean alone = arguments.value("stop") == null;
    arguments.required("start");
    long start = alone ? 0 : arguments.integer("start", 0);
    long stop = arguments.integer(alone ? "start" : "stop", 0);
    long step = arguments.integer("step", 1);
    if (step == 0) {
      throw TemplateException.failed("the step of a range is zero");
    }
    double count = Math.ceil(((double) stop - start) / step);
    if (count > Budget.MAX_REPETITION) {
      throw TemplateException.limit("makes a range of more than " + Budget.MAX_REPETITION);
    }
    int size = (int) Math.max(0, count);
    operations.budget().items(size);
    List<Value> items = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      items.add(new Int(start + i * step));
    }
    return new Sequence(Sequence.Kind.RANGE, items);
  }

  /** Entries from a map or from pairs, and from arguments by name. */
  private Map<Value, Value> entries(Arguments given) {
    if (given.positional().size() > 1) {
      throw TemplateException.failed(given.function() + " takes one argument without a name");
    }
    Map<Value, Value> entries = new LinkedHashMap<>();
    for (Value source : given.positional()) {
      if (source instanceof Mapping mapping) {
        operations.budget().items(mapping.entries().size());
        entries.putAll(mapping.entries());
      } else {
        for (Value pair : operations.items(source)) {
          List<Value> keyAndValue = operations.items(pair);
          if (keyAndValue.size() != 2) {
            throw TemplateException.failed(given.function() + " needs pairs of key and value");
          }
          operations.budget().items(1);
          entries.put(Operations.key(keyAndValue.get(0)), keyAndValue.get(1));
        }
      }
    }
    given.named().forEach((name, value) -> entries.put(new Text(name), value));
    return entries;
  }

  private Value namespace(Arguments given) {
    Value.Namespace namespace = new Value.Namespace();
    entries(given).forEach((name, value) -> namespace.attributes.put(operations.text(name), value));
    return namespace;
  }

  private Value raiseException(Arguments given) {
    Value message = given.bind("message").value("message");
    String text = message == null || message == None.NONE ? "" : operations.text(message);
    throw new TemplateException(TemplateException.Reason.REFUSED, text, 0);
  }

  private Value formatDate(Arguments given) {
    String format = given.bind("format").requiredText("format");
    return DateFormat.format(operations.builder(), format, date).toValue();
  }
}
