package assay.rm.text.jinja;

import static java.util.Map.entry;

import assay.rm.text.jinja.Value.Bool;
import assay.rm.text.jinja.Value.Int;
import assay.rm.text.jinja.Value.Sequence;
import assay.rm.text.jinja.Value.Text;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of strings that a template may call; there are no others. */
final class TextMethods {
  /** A method of a string. */
  interface Method {
    Value call(Operations operations, String text, Arguments arguments);
  }

  private static final Map<String, Method> METHODS =
      Map.ofEntries(
          entry("strip", (o, text, a) -> strip(o, text, a, true, true)),
          entry("lstrip", (o, text, a) -> strip(o, text, a, true, false)),
          entry("rstrip", (o, text, a) -> strip(o, text, a, false, true)),
          entry("lower", (o, text, a) -> convert(o, PythonText.lower(text), a)),
          entry("casefold", (o, text, a) -> convert(o, PythonText.foldCase(text), a)),
          entry("upper", (o, text, a) -> convert(o, PythonText.upper(text), a)),
          entry("capitalize", (o, text, a) -> convert(o, PythonText.capitalize(text), a)),
          entry("title", (o, text, a) -> convert(o, PythonText.title(text), a)),
          entry("startswith", (o, text, a) -> affix(o, text, a, text::startsWith)),
          entry("endswith", (o, text, a) -> affix(o, text, a, text::endsWith)),
          entry("removeprefix", TextMethods::removePrefix),
          entry("removesuffix", TextMethods::removeSuffix),
          entry("replace", TextMethods::replace),
          entry("split", TextMethods::split),
          entry("rsplit", TextMethods::splitFromEnd),
          entry("splitlines", TextMethods::splitLines),
          entry("partition", (o, text, a) -> partition(o, text, a, false)),
          entry("rpartition", (o, text, a) -> partition(o, text, a, true)),
          entry("join", TextMethods::join),
          entry("find", (o, text, a) -> new Int(find(o, text, a, false))),
          entry("rfind", (o, text, a) -> new Int(find(o, text, a, true))),
          entry("index", (o, text, a) -> index(find(o, text, a, false))),
          entry("rindex", (o, text, a) -> index(find(o, text, a, true))),
          entry("count", TextMethods::count),
          entry("ljust", (o, text, a) -> pad(o, text, a, false, true)),
          entry("rjust", (o, text, a) -> pad(o, text, a, true, false)),
          entry("center", (o, text, a) -> pad(o, text, a, true, true)),
          entry("isspace", (o, text, a) -> all(o, text, a, PythonText::isSpace)),
          entry("isalpha", (o, text, a) -> all(o, text, a, Character::isLetter)),
          entry("isalnum", (o, text, a) -> all(o, text, a, Character::isLetterOrDigit)),
          entry("isdigit", (o, text, a) -> all(o, text, a, Character::isDigit)),
          entry("isdecimal", (o, text, a) -> all(o, text, a, Character::isDigit)),
          entry("isnumeric", (o, text, a) -> all(o, text, a, Character::isDigit)),
          entry("islower", (o, text, a) -> cased(o, text, a, Character::isLowerCase)),
          entry("isupper", (o, text, a) -> cased(o, text, a, Character::isUpperCase)));

  private TextMethods() {}

  /** The method of a name, or null if strings have none. */
  static Method named(String name) {
    return METHODS.get(name);
  }

  private static Value strip(
      Operations operations, String text, Arguments given, boolean start, boolean end) {
    String characters = given.bind("chars").text("chars", null);
    return strip(operations, text, characters, start, end);
  }

  /** Without leading or trailing characters of a set; null stands for white space. */
  static Value strip(
      Operations operations, String text, String characters, boolean start, boolean end) {
    operations.budget().search(text.length(), characters == null ? 1 : characters.length());
    IntPredicate strippable =
        characters == null ? PythonText::isSpace : c -> characters.indexOf(c) >= 0;
    return made(operations, PythonText.strip(text, strippable, start, end));
  }

  private static Value convert(Operations operations, String converted, Arguments given) {
    given.bind();
    return made(operations, converted);
  }

  private static Text made(Operations operations, String text) {
    operations.budget().characters(text.length());
    return new Text(text);
  }

  /** The argument of startswith and endswith is a string, or a tuple of which one must match. */
  private static Value affix(
      Operations operations, String text, Arguments given, Predicate<String> matches) {
    Value affix = given.bind("affix").required("affix");
    List<Value> candidates =
        affix instanceof Sequence tuple && tuple.kind() == Sequence.Kind.TUPLE
            ? tuple.items()
            : List.of(affix);
    for (Value candidate : candidates) {
      if (!(candidate instanceof Text part)) {
        throw TemplateException.failed(
            given.function() + " needs a string, not " + Operations.typeName(candidate));
      }
      operations.budget().scan(Math.min(text.length(), part.value().length()));
      if (matches.test(part.value())) {
        return Bool.TRUE;
      }
    }
    return Bool.FALSE;
  }

  private static Value removePrefix(Operations operations, String text, Arguments given) {
    String prefix = given.bind("prefix").requiredText("prefix");
    return made(operations, text.startsWith(prefix) ? text.substring(prefix.length()) : text);
  }

  private static Value removeSuffix(Operations operations, String text, Arguments given) {
    String suffix = given.bind("suffix").requiredText("suffix");
    int end = text.endsWith(suffix) ? text.length() - suffix.length() : text.length();
    return made(operations, text.substring(0, end));
  }

  private static Value replace(Operations operations, String text, Arguments given) {
    Arguments arguments = given.bind("old", "new", "count");
    return replace(
        operations,
        text,
        arguments.requiredText("old"),
        arguments.requiredText("new"),
        arguments.integer("count", -1));
  }

  /**
   * The first {@code count} places of {@code old} changed to {@code replacement}; negative: all.
   */
  static Value replace(
      Operations operations, String text, String old, String replacement, long count) {
    operations.budget().search(text.length(), old.length());
    TextBuilder result = operations.builder();
    int from = 0;
    long left = count < 0 ? Long.MAX_VALUE : count;
    // An empty string is found before every character and at the end.
    int found = text.indexOf(old);
    while (found >= 0 && left-- > 0) {
      result.append(text.substring(from, found)).append(replacement);
      from = found + old.length();
      if (old.isEmpty()) {
        if (found == text.length()) {
          break;
        }
        found = text.offsetByCodePoints(found, 1);
      } else {
        found = text.indexOf(old, from);
      }
    }
    return result.append(text.substring(from)).toValue();
  }

  private static Value split(Operations operations, String text, Arguments given) {
    Arguments arguments = given.bind("sep", "maxsplit");
    String separator = arguments.text("sep", null);
    long most = arguments.integer("maxsplit", -1);
    TextSplitter splitter = new TextSplitter(operations.budget(), text);
    List<Value> parts =
        separator == null
            ? splitter.atSpace(most)
            : splitter.atSeparator(notEmpty(separator), most);
    return Sequence.list(parts);
  }

  private static Value splitFromEnd(Operations operations, String text, Arguments given) {
    Arguments arguments = given.bind("sep", "maxsplit");
    String separator = arguments.text("sep", null);
    long most = arguments.integer("maxsplit", -1);
    TextSplitter splitter = new TextSplitter(operations.budget(), text);
    List<Value> parts =
        separator == null
            ? splitter.atSpaceFromEnd(most)
            : splitter.atSeparatorFromEnd(notEmpty(separator), most);
    return Sequence.list(parts);
  }

  private static String notEmpty(String separator) {
    if (separator.isEmpty()) {
      throw TemplateException.failed("the separator of a split is empty");
    }
    return separator;
  }

  private static Value splitLines(Operations operations, String text, Arguments given) {
    boolean keepEnds = given.bind("keepends").flag("keepends", false);
    return Sequence.list(new TextSplitter(operations.budget(), text).lines(keepEnds));
  }

  private static Value partition(
      Operations operations, String text, Arguments given, boolean last) {
    String separator = notEmpty(given.bind("sep").requiredText("sep"));
    operations.budget().search(text.length(), separator.length());
    operations.budget().characters(text.length());
    int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      List<Value> whole =
          last
              ? List.of(Text.EMPTY, Text.EMPTY, new Text(text))
              : List.of(new Text(text), Text.EMPTY, Text.EMPTY);
      return Sequence.tuple(whole);
    }
    return Sequence.tuple(
        List.of(
            new Text(text.substring(0, at)),
            new Text(separator),
            new Text(text.substring(at + separator.length()))));
  }

  private static Value join(Operations operations, String text, Arguments given) {
    TextBuilder joined = operations.builder();
    List<Value> items = operations.items(given.bind("items").required("items"));
    for (int i = 0; i < items.size(); i++) {
      if (!(items.get(i) instanceof Text part)) {
        throw TemplateException.failed(
            "join needs strings, not " + Operations.typeName(items.get(i)));
      }
      joined.append(i == 0 ? "" : text).append(part.value());
    }
    return joined.toValue();
  }

  /** Index of the first or last place of a string, in code points, or -1. */
  private static int find(Operations operations, String text, Arguments given, boolean last) {
    String part = given.bind("sub").requiredText("sub");
    operations.budget().search(text.length(), part.length());
    int at = last ? text.lastIndexOf(part) : text.indexOf(part);
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  private static Value index(int found) {
    if (found < 0) {
      throw TemplateException.failed("the string that index looks for is not there");
    }
    return new Int(found);
  }

  private static Value count(Operations operations, String text, Arguments given) {
    String part = given.bind("sub").requiredText("sub");
    operations.budget().search(text.length(), part.length());
    if (part.isEmpty()) {
      return new Int(text.codePointCount(0, text.length()) + 1L);
    }
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return new Int(count);
  }

  private static Value pad(
      Operations operations, String text, Arguments given, boolean left, boolean right) {
    Arguments arguments = given.bind("width", "fillchar");
    arguments.required("width");
    String fill = arguments.text("fillchar", " ");
    if (fill.codePointCount(0, fill.length()) != 1) {
      throw TemplateException.failed(given.function() + " fills with one character");
    }
    long width = arguments.integer("width", 0);
    long missing = Math.max(0, width - text.codePointCount(0, text.length()));
    // Python puts the odd one of a centred text on the left if the width is odd.
    long before = left && right ? missing / 2 + (missing & width & 1) : left ? missing : 0;
    return operations
        .builder()
        .repeat(fill, before)
        .append(text)
        .repeat(fill, missing - before)
        .toValue();
  }

  private static Value all(
      Operations operations, String text, Arguments given, IntPredicate passes) {
    given.bind();
    operations.budget().scan(text.length());
    return Bool.of(!text.isEmpty() && text.codePoints().allMatch(passes));
  }

  private static Value cased(
      Operations operations, String text, Arguments given, IntPredicate passes) {
    given.bind();
    operations.budget().scan(text.length());
    return Bool.of(PythonText.allCased(text, passes));
  }
}
