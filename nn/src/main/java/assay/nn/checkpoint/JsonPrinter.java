package assay.nn.checkpoint;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * JSON as Python's {@code json.dumps(x, indent=2)} prints it, so that a config.json that goes
 * through this project changes only where it was meant to.
 */
public final class JsonPrinter {
  private final StringBuilder out = new StringBuilder();

  private JsonPrinter() {}

  /**
   * The object's text, with a newline at its end.
   *
   * @param object of values as {@link Json} reads them
   */
  public static String print(Map<String, ?> object) {
    JsonPrinter printer = new JsonPrinter();
    printer.value(object, "\n");
    return printer.out.append('\n').toString();
  }

  private void value(Object value, String newline) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> object(map, newline);
      case List<?> list -> array(list, newline);
      case String text -> string(text);
      case Double number -> out.append(number(number));
      default -> out.append(value);
    }
  }

  private void object(Map<?, ?> map, String newline) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    String inner = newline + "  ";
    String separator = "{";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator).append(inner);
      string((String) entry.getKey());
      out.append(": ");
      value(entry.getValue(), inner);
      separator = ",";
    }
    out.append(newline).append('}');
  }

  private void array(List<?> list, String newline) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    String inner = newline + "  ";
    out.append('[');
    for (Iterator<?> values = list.iterator(); values.hasNext(); ) {
      out.append(inner);
      value(values.next(), inner);
      out.append(values.hasNext() ? "," : "");
    }
    out.append(newline).append(']');
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c >= ' ' && c <= '~') {
            out.append(c);
          } else {
            out.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    out.append('"');
  }

  /** The shortest digits that read back as the same double, Python's choice of notation. */
  private static String number(double value) {
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1; // of the first digit
    if (value == 0 || (exponent >= -4 && exponent < 16)) {
      String plain = value == 0 ? Double.toString(value) : digits.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String mantissa = digits.movePointLeft(exponent).toPlainString();
    return mantissa + String.format("e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
