package assay.rm.text.jinja;

import assay.rm.text.jinja.Value.Mapping;
import assay.rm.text.jinja.Value.None;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Values as text, as Python's {@code str} and {@code repr} write them. */
final class Printer {
  private final Budget budget;

  Printer(Budget budget) {
    this.budget = budget;
  }

  /** The value as a template prints it: a string as it is, a list as Python writes it. */
  String text(Value value) {
    return switch (value) {
      case Text text -> text.value();
      case Value.Undefined u -> "";
      default -> {
        TextBuilder builder = new TextBuilder(budget);
        append(builder, value);
        yield builder.toString();
      }
    };
  }

  private void append(TextBuilder out, Value value) {
    budget.step();
    switch (value) {
      case Text text -> appendQuoted(out, text.value());
      case Sequence sequence when sequence.kind() == Sequence.Kind.LIST ->
          appendItems(out, "[", sequence.items(), "]");
      case Sequence sequence when sequence.kind() == Sequence.Kind.TUPLE ->
          // A comma tells a tuple of one from an expression in parentheses.
          appendItems(out, "(", sequence.items(), sequence.items().size() == 1 ? ",)" : ")");
      case Mapping mapping -> appendEntries(out, mapping);
      default -> out.append(plain(value));
    }
  }

  private void appendItems(TextBuilder out, String open, List<Value> items, String close) {
    out.append(open);
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      append(out, items.get(i));
    }
    out.append(close);
  }

  private void appendEntries(TextBuilder out, Mapping mapping) {
    out.append("{");
    boolean first = true;
    for (Map.Entry<Value, Value> entry : mapping.entries().entrySet()) {
      out.append(first ? "" : ", ");
      append(out, entry.getKey());
      out.append(": ");
      append(out, entry.getValue());
      first = false;
    }
    out.append("}");
  }

  /** A value that holds no others. */
  static String plain(Value value) {
    return switch (value) {
      case None n -> "None";
      case Value.Bool bool -> bool.value() ? "True" : "False";
      case Value.Int number -> Long.toString(number.value());
      case Value.Real number -> real(number.value());
      case Value.Undefined u -> "Undefined";
      default -> throw TemplateException.failed(Operations.typeName(value) + " cannot be printed");
    };
  }

  /**
   * A float with the fewest digits that give it back: {@code 1.0}, {@code 1e+16}, {@code 1e-05}.
   * Java finds the same digits but writes them differently.
   */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    String digits = decimal.unscaledValue().toString();
    int exponent = digits.length() - 1 - decimal.scale();
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
      String size = (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
      return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + size;
    }
    String plain = decimal.toPlainString();
    return sign + (plain.contains(".") ? plain : plain + ".0");
  }

  /** A string in quotes; single ones, unless it holds some and no double ones. */
  private void appendQuoted(TextBuilder out, String text) {
    budget.characters(text.length());
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder quoted = new StringBuilder().append(quote);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> {
                  if (c == quote) {
                    quoted.append('\\').append(quote);
                  } else if (isPrintable(c)) {
                    quoted.appendCodePoint(c);
                  } else {
                    quoted.append(escape(c));
                  }
                }
              }
            });
    out.append(quoted.append(quote).toString());
  }

  private static String escape(int c) {
    if (c < 0x100) {
      return "\\x" + HexFormat.of().toHexDigits((byte) c);
    }
    return c < 0x10000
        ? "\\u" + HexFormat.of().toHexDigits((char) c)
        : "\\U" + HexFormat.of().toHexDigits(c);
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
