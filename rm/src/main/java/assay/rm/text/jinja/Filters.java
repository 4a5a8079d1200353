package assay.rm.text.jinja;

import static java.util.Map.entry;

import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Real;
import assay.rm.text.jinja.Value.Text;
import assay.rm.text.jinja.Value.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;

/**
 * {@code value | name(arguments)}: the filters of chat templates, and what those for single values
 * do. {@link SequenceFilters} has those for lists.
 */
final class Filters {
  /** A filter; what it is applied to is its input. */
  interface Filter {
    Value apply(Operations operations, Value input, Arguments arguments);
  }

  private static final Map<String, Filter> FILTERS =
      Map.ofEntries(
          entry("abs", Filters::abs),
          entry("capitalize", (o, input, a) -> made(o, PythonText.capitalize(o.text(input)), a)),
          entry("count", Filters::length),
          entry("d", Filters::defaultValue),
          entry("default", Filters::defaultValue),
          entry("dictsort", SequenceFilters::sortEntries),
          entry("e", Filters::escape),
          entry("escape", Filters::escape),
          entry("first", SequenceFilters::first),
          entry("float", Filters::toFloat),
          entry("indent", Filters::indent),
          entry("int", Filters::toInt),
          entry("items", SequenceFilters::items),
          entry("join", SequenceFilters::join),
          entry("last", SequenceFilters::last),
          entry("length", Filters::length),
          entry("list", SequenceFilters::list),
          entry("lower", (o, input, a) -> made(o, PythonText.lower(o.text(input)), a)),
          entry("map", SequenceFilters::map),
          entry("max", (o, input, a) -> SequenceFilters.extreme(o, input, a, 1)),
          entry("min", (o, input, a) -> SequenceFilters.extreme(o, input, a, -1)),
          entry("reject", (o, input, a) -> SequenceFilters.select(o, input, a, false)),
          entry("rejectattr", (o, input, a) -> SequenceFilters.selectAttribute(o, input, a, false)),
          entry("replace", Filters::replace),
          entry("reverse", SequenceFilters::reverse),
          entry("round", Filters::round),
          entry("safe", (o, input, a) -> made(o, o.text(input), a)),
          entry("select", (o, input, a) -> SequenceFilters.select(o, input, a, true)),
          entry("selectattr", (o, input, a) -> SequenceFilters.selectAttribute(o, input, a, true)),
          entry("sort", SequenceFilters::sort),
          entry("string", (o, input, a) -> made(o, o.text(input), a)),
          entry("sum", SequenceFilters::sum),
          entry("title", (o, input, a) -> made(o, title(o.text(input)), a)),
          entry("tojson", Json::toJson),
          entry("trim", Filters::trim),
          entry("unique", SequenceFilters::unique),
          entry("upper", (o, input, a) -> made(o, PythonText.upper(o.text(input)), a)));

  private Filters() {}

  static boolean exists(String name) {
    return FILTERS.containsKey(name);
  }

  static Value apply(Operations operations, Value input, Arguments arguments) {
    Filter filter = FILTERS.get(arguments.function());
    if (filter == null) {
      throw TemplateException.failed("there is no filter '" + arguments.function() + "'");
    }
    operations.budget().enter(); // map('map', 'map', ...) goes down without any expression
    Value output = filter.apply(operations, input, arguments);
    operations.budget().leave();
    return output;
  }

  private static Value made(Operations operations, String text, Arguments given) {
    given.bind();
    operations.budget().characters(text.length());
    return new Text(text);
  }

  private static Value trim(Operations operations, Value input, Arguments given) {
    String characters = given.bind("chars").text("chars", null);
    return TextMethods.strip(operations, operations.text(input), characters, true, true);
  }

  private static Value length(Operations operations, Value input, Arguments given) {
    given.bind();
    return new Int(operations.length(input));
  }

  private static Value defaultValue(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("default_value", "boolean");
    boolean missing =
        input instanceof Undefined
            || (arguments.flag("boolean", false) && !Operations.isTrue(input));
    Value otherwise = arguments.value("default_value");
    return !missing ? input : otherwise != null ? otherwise : Text.EMPTY;
  }

  private static Value replace(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("old", "new", "count");
    return TextMethods.replace(
        operations,
        operations.text(input),
        operations.text(arguments.required("old")),
        operations.text(arguments.required("new")),
        arguments.integer("count", -1));
  }

  /** Puts white space before every line but the first; before that and empty ones on request. */
  private static Value indent(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("width", "first", "blank");
    String indent =
        arguments.value("width") instanceof Text width
            ? width.value()
            : operations.builder().repeat(" ", arguments.integer("width", 4)).toString();
    boolean blank = arguments.flag("blank", false);
    if (!(input instanceof Text text)) {
      throw TemplateException.failed("indent needs a string, not " + Operations.typeName(input));
    }
    List<Value> lines = new TextSplitter(operations.budget(), text.value() + "\n").lines(false);
    TextBuilder result = operations.builder();
    for (int i = 0; i < lines.size(); i++) {
      String line = operations.text(lines.get(i));
      boolean indented = i == 0 ? arguments.flag("first", false) : blank || !line.isEmpty();
      result.append(i == 0 ? "" : "\n").append(indented ? indent : "").append(line);
    }
    return result.toValue();
  }

  /** Upper case at the start and after spaces, hyphens and opening brackets; else lower case. */
  private static String title(String text) {
    StringBuilder result = new StringBuilder();
    boolean starts = true;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      String character = Character.toString(c);
      result.append(starts ? PythonText.upper(character) : PythonText.lower(character));
      starts = PythonText.isSpace(c) || "-({[<".indexOf(c) >= 0;
      i += Character.charCount(c);
    }
    return result.toString();
  }

  /**
   * Replaces what means something in HTML. Jinja also marks the result, and {@code safe} its input,
   * so that what is later added with {@code +} is escaped as well; we do not follow it there.
   */
  private static Value escape(Operations operations, Value input, Arguments given) {
    given.bind();
    TextBuilder result = operations.builder();
    operations
        .text(input)
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> result.append("&amp;");
                case '<' -> result.append("&lt;");
                case '>' -> result.append("&gt;");
                case '"' -> result.append("&#34;");
                case '\'' -> result.append("&#39;");
                default -> result.append(c);
              }
            });
    return result.toValue();
  }

  private static Value abs(Operations operations, Value input, Arguments given) {
    given.bind();
    Value number = Operations.integer(input);
    boolean negative =
        (number instanceof Int whole && whole.value() < 0)
            || (number instanceof Real real && real.value() < 0);
    return Arithmetic.sign(negative, input);
  }

  private static Value toInt(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("default", "base");
    Value otherwise = arguments.value("default");
    Value number =
        switch (Operations.integer(input)) {
          case Int whole -> whole;
          case Real real -> truncate(real.value());
          case Text text -> parseInt(text.value(), arguments.integer("base", 10));
          case Undefined undefined ->
              throw TemplateException.failed(undefined.what() + " is undefined");
          default -> null;
        };
    return number != null ? number : otherwise != null ? otherwise : new Int(0);
  }

  private static Value truncate(double value) {
    return Math.abs(value) < 0x1p63 ? new Int((long) value) : null;
  }

  private static Value parseInt(String text, long base) {
    String digits = PythonText.strip(text, PythonText::isSpace, true, true);
    if (base < Character.MIN_RADIX || base > Character.MAX_RADIX) {
      throw TemplateException.failed("int: the base must be from 2 to 36");
    }
    try {
      return new Int(Long.parseLong(digits.replace("_", ""), (int) base));
    } catch (NumberFormatException e) {
      Real real = parseReal(digits);
      return real == null ? null : truncate(real.value());
    }
  }

  /** The number that a text is, or null if it is none. Java would also take 1f and 0x1p3. */
  private static Real parseReal(String text) {
    String number = PythonText.strip(text, PythonText::isSpace, true, true);
    boolean plain =
        !number.isEmpty() && number.chars().allMatch(c -> "+-.eE0123456789".indexOf(c) >= 0);
    try {
      return plain ? new Real(Double.parseDouble(number)) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Value toFloat(Operations operations, Value input, Arguments given) {
    Value otherwise = given.bind("default").value("default");
    Value number =
        switch (Operations.integer(input)) {
          case Int whole -> new Real(whole.value());
          case Real real -> real;
          case Text text -> parseReal(text.value());
          case Undefined undefined ->
              throw TemplateException.failed(undefined.what() + " is undefined");
          default -> null;
        };
    return number != null ? number : otherwise != null ? otherwise : new Real(0);
  }

  private static Value round(Operations operations, Value input, Arguments given) {
    Arguments arguments = given.bind("precision", "method");
    int precision = Math.clamp(arguments.integer("precision", 0), -400, 400);
    RoundingMode mode =
        switch (arguments.text("method", "common")) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw TemplateException.failed("round: 'method' is common, ceil or floor");
        };
    if (!Operations.isNumber(input)) {
      throw TemplateException.failed("round needs a number, not " + Operations.typeName(input));
    }
    double value = Arithmetic.toDouble(input);
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return input;
    }
    BigDecimal rounded = new BigDecimal(value).setScale(precision, mode);
    Value number = Operations.integer(input);
    boolean whole = number instanceof Int && mode == RoundingMode.HALF_EVEN && precision >= 0;
    return whole ? number : new Real(rounded.doubleValue());
  }
}
