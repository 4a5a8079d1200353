package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.None;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The filter {@code tojson}: values as Python's {@code json.dumps} writes them, which is how tool
 * descriptions looked when the model was trained.
 */
final class Json {
  private final Operations operations;
  private final TextBuilder out;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean asciiOnly;
  private final boolean sortKeys;

  private Json(Operations operations, Arguments arguments) {
    this.operations = operations;
    this.out = operations.builder();
    this.indent = indent(arguments.value("indent"));
    this.asciiOnly = arguments.flag("ensure_ascii", false);
    this.sortKeys = arguments.flag("sort_keys", false);
    Value separators = arguments.value("separators");
    if (separators == null || separators == None.NONE) {
      this.itemSeparator = indent == null ? ", " : ",";
      this.keySeparator = ": ";
    } else if (separators instanceof Sequence pair
        && pair.items().size() == 2
        && pair.items().get(0) instanceof Text items
        && pair.items().get(1) instanceof Text keys) {
      this.itemSeparator = items.value();
      this.keySeparator = keys.value();
    } else {
      throw TemplateException.failed("tojson: 'separators' must be two strings");
    }
  }

  static Value toJson(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("ensure_ascii", "indent", "separators", "sort_keys");
    Json json = new Json(operations, arguments);
    json.write(input, 0);
    return json.out.toValue();
  }

  /** The white space of one level, or null to write everything in one line. */
  private static String indent(Value value) {
    return switch (value) {
      case null -> null;
      case None n -> null;
      case Text text -> text.value();
      case Value.Int count when count.value() <= 100 ->
          " ".repeat((int) Math.max(0, count.value()));
      default -> throw TemplateException.failed("tojson: 'indent' must be a number up to 100");
    };
  }

  private void write(Value value, int level) {
    operations.budget().step();
    switch (value) {
      case None n -> out.append("null");
      case Value.Bool bool -> out.append(bool.value() ? "true" : "false");
      case Value.Int number -> out.append(Printer.plain(number));
      case Value.Real number -> out.append(real(number.value()));
      case Text text -> writeString(text.value());
      case Sequence sequence
          when sequence.kind() == Sequence.Kind.LIST || sequence.kind() == Sequence.Kind.TUPLE ->
          writeItems(sequence.items(), level);
      case Mapping mapping -> writeEntries(mapping, level);
      default ->
          throw TemplateException.failed("tojson cannot write " + Operations.typeName(value));
    }
  }

  private void writeItems(List<Value> items, int level) {
    out.append("[");
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : itemSeparator);
      newLine(level + 1);
      write(items.get(i), level + 1);
    }
    if (!items.isEmpty()) {
      newLine(level);
    }
    out.append("]");
  }

  private void writeEntries(Mapping mapping, int level) {
    List<Map.Entry<Value, Value>> entries = new ArrayList<>(mapping.entries().entrySet());
    if (sortKeys) {
      entries.sort((a, b) -> operations.compare(a.getKey(), b.getKey()));
    }
    out.append("{");
    for (int i = 0; i < entries.size(); i++) {
      out.append(i == 0 ? "" : itemSeparator);
      newLine(level + 1);
      Value key = entries.get(i).getKey();
      // JSON's keys are strings, so a number becomes one, and true becomes "true".
      switch (key) {
        case Text text -> writeString(text.value());
        default -> {
          out.append("\"");
          write(key, level);
          out.append("\"");
        }
      }
      out.append(keySeparator);
      write(entries.get(i).getValue(), level + 1);
    }
    if (!entries.isEmpty()) {
      newLine(level);
    }
    out.append("}");
  }

  private void newLine(int level) {
    if (indent != null) {
      out.append("\n").repeat(indent, level);
    }
  }

  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : Printer.real(value);
  }

  private void writeString(String text) {
    operations.budget().characters(text.length());
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\b' -> quoted.append("\\b");
        case '\f' -> quoted.append("\\f");
        default -> {
          if (c < ' ' || (asciiOnly && c > '~')) {
            quoted.append("\\u").append(HexFormat.of().toHexDigits(c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    out.append(quoted.append('"').toString());
  }
}
