package assay.rm.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One section of a recipe: reads keys with their types and remembers which were asked for, so that
 * {@link #reportUnknown} can name the others. A mistake is noted and the default returned; the
 * caller throws at the end.
 */
final class Fields {
  private final Fields parent;
  private final String path;
  private final Problems problems;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final List<String> known = new ArrayList<>();
  private final List<Fields> sections = new ArrayList<>();

  private Fields(Fields parent, String path, Node node, Problems problems) {
    this.parent = parent;
    this.path = path;
    this.problems = problems;
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        add(entry);
      }
    } else if (node != null && !isNull(node)) {
      problems.add(node, path, "expected keys and values, found " + YamlValues.describe(node));
    }
  }

  /** The whole document; {@code root} may be null, for an empty one. */
  static Fields root(Node root, Problems problems) {
    return new Fields(null, "", root, problems);
  }

  private void add(NodeTuple entry) {
    Node key = entry.getKeyNode();
    String name = key instanceof ScalarNode scalar ? scalar.getValue() : "a key";
    Node earlier = keys.putIfAbsent(name, key);
    if (earlier == null) {
      values.put(name, entry.getValueNode());
    } else {
      String place = Problems.place(earlier.getStartMark().orElseThrow());
      problems.add(key, fullName(name), "is given twice; the first is at " + place);
    }
  }

  Fields section(String key) {
    known.add(key);
    Fields section = new Fields(this, fullName(key), values.get(key), problems);
    sections.add(section);
    return section;
  }

  String text(String key, String fallback) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return fallback;
    }
    Optional<String> value = YamlValues.text(node.get());
    if (value.isEmpty()) {
      wrong(key, node.get(), "text" + YamlValues.quoteHint(node.get()));
    }
    return value.orElse(fallback);
  }

  String requiredText(String key) {
    require(key);
    return text(key, "");
  }

  private void require(String key) {
    if (given(key).isEmpty()) {
      problems.add(fullName(key), "is required and missing");
    }
  }

  boolean flag(String key, boolean fallback) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return fallback;
    }
    if (!node.get().getTag().equals(Tag.BOOL)) {
      wrong(key, node.get(), "true or false");
      return fallback;
    }
    return ((ScalarNode) node.get()).getValue().equalsIgnoreCase("true");
  }

  int count(String key, int fallback, int atLeast) {
    return (int) wholeNumber(key, fallback, Range.between(atLeast, Integer.MAX_VALUE));
  }

  long wholeNumber(String key, long fallback, Range range) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return fallback;
    }
    Optional<Long> value = YamlValues.wholeNumber(node.get());
    if (value.isEmpty() || !range.contains(value.get())) {
      boolean above = value.isPresent() && value.get() > range.max();
      Range broken = above ? range : Range.atLeast(range.min());
      wrong(key, node.get(), "a whole number" + broken.description());
      return fallback;
    }
    return value.get();
  }

  double number(String key, double fallback, Range range) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return fallback;
    }
    OptionalDouble value = YamlValues.number(node.get());
    if (value.isEmpty() || !range.contains(value.getAsDouble())) {
      wrong(key, node.get(), "a number" + range.description());
      return fallback;
    }
    return value.getAsDouble();
  }

  double[] numbers(String key, double[] fallback, Range range) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return fallback;
    }
    List<Node> items = node.get() instanceof SequenceNode list ? list.getValue() : List.of();
    double[] result =
        items.stream()
            .map(YamlValues::number)
            .flatMapToDouble(OptionalDouble::stream)
            .filter(range::contains)
            .toArray();
    if (items.size() != fallback.length || result.length != fallback.length) {
      wrong(key, node.get(), "a list of " + fallback.length + " numbers" + range.description());
      return fallback;
    }
    return result;
  }

  /** A list of numbers, at least one. */
  List<Double> numberList(String key, List<Double> fallback, Range range) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return fallback;
    }
    List<Node> items = node.get() instanceof SequenceNode list ? list.getValue() : List.of();
    List<Double> result =
        items.stream()
            .map(YamlValues::number)
            .flatMapToDouble(OptionalDouble::stream)
            .filter(range::contains)
            .boxed()
            .toList();
    if (items.isEmpty() || result.size() != items.size()) {
      wrong(key, node.get(), "a list of numbers" + range.description());
      return fallback;
    }
    return result;
  }

  /** A list of whole numbers from 0, such as token ids; empty where it is absent. */
  List<Integer> wholeNumbers(String key) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return List.of();
    }
    List<Node> items = node.get() instanceof SequenceNode list ? list.getValue() : List.of();
    List<Integer> result =
        items.stream()
            .map(YamlValues::wholeNumber)
            .flatMap(Optional::stream)
            .filter(Range.between(0, Integer.MAX_VALUE)::contains)
            .map(Long::intValue)
            .toList();
    boolean isList = node.get() instanceof SequenceNode;
    if (!isList || result.size() != items.size()) {
      wrong(key, node.get(), "a list of whole numbers, such as [9, 6, 191]");
      return List.of();
    }
    return result;
  }

  /** A list of texts; one text stands for a list of one. */
  List<String> texts(String key) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return List.of();
    }
    List<Node> items =
        node.get() instanceof SequenceNode list ? list.getValue() : List.of(node.get());
    List<String> result = items.stream().map(YamlValues::text).flatMap(Optional::stream).toList();
    if (result.size() != items.size()) {
      wrong(key, node.get(), "a list of texts, such as [a, b]");
      return List.of();
    }
    return result;
  }

  List<String> requiredTexts(String key) {
    require(key);
    Optional<Node> node = given(key);
    if (node.isPresent() && node.get() instanceof SequenceNode list && list.getValue().isEmpty()) {
      wrong(key, node.get(), "at least one text");
    }
    return texts(key);
  }

  <E extends Enum<E>> E choice(String key, E fallback) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return fallback;
    }
    Optional<String> name = YamlValues.text(node.get());
    List<E> all = Arrays.asList(fallback.getDeclaringClass().getEnumConstants());
    Optional<E> value =
        name.flatMap(text -> all.stream().filter(each -> yamlName(each).equals(text)).findFirst());
    if (value.isEmpty()) {
      List<String> names = all.stream().map(Fields::yamlName).toList();
      String hint =
          name.flatMap(text -> Suggestion.nearest(text, names))
              .map(nearest -> "; did you mean '" + nearest + "'?")
              .orElse("");
      wrong(key, node.get(), "one of " + String.join(", ", names), hint);
    }
    return value.orElse(fallback);
  }

  /** A mapping that the recipe hands on without knowing its keys. */
  Map<String, Object> freeForm(String key) {
    Optional<Node> node = given(key);
    if (node.isEmpty()) {
      return Map.of();
    }
    if (!(node.get() instanceof MappingNode mapping)) {
      wrong(key, node.get(), "keys and values, such as {num_hidden_layers: 2}");
      return Map.of();
    }
    return YamlValues.map(mapping, fullName(key), problems);
  }

  /** How an enum constant is written in YAML: BRADLEY_TERRY is {@code bradley-terry}. */
  static String yamlName(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A mistake at a key's value that its type alone does not show. */
  void problem(String key, String message) {
    Node node = values.get(key);
    if (node == null) {
      problems.add(fullName(key), message);
    } else {
      problems.add(node, fullName(key), message);
    }
  }

  /** Notes every key that nobody asked for, here and in the sections below. */
  void reportUnknown() {
    for (Map.Entry<String, Node> entry : keys.entrySet()) {
      if (!known.contains(entry.getKey())) {
        String hint = hintFor(entry.getKey());
        problems.add(entry.getValue(), fullName(entry.getKey()), "unknown key; " + hint);
      }
    }
    sections.forEach(Fields::reportUnknown);
  }

  private String hintFor(String key) {
    Optional<String> here = Suggestion.nearest(key, known);
    if (here.isPresent()) {
      return "did you mean '" + here.get() + "'?";
    }
    Fields root = this;
    while (root.parent != null) {
      root = root.parent;
    }
    Optional<String> elsewhere =
        root.allKnown().stream().filter(other -> other.endsWith("." + key)).findFirst();
    return elsewhere
        .map(other -> "did you mean '" + other + "'?")
        .orElse("known here are " + String.join(", ", known));
  }

  private List<String> allKnown() {
    List<String> all = known.stream().map(this::fullName).collect(Collectors.toList());
    sections.forEach(section -> all.addAll(section.allKnown()));
    return all;
  }

  /** The value of a key, empty where it is absent or null. */
  private Optional<Node> given(String key) {
    if (!known.contains(key)) {
      known.add(key);
    }
    return Optional.ofNullable(values.get(key)).filter(node -> !isNull(node));
  }

  private void wrong(String key, Node node, String expected) {
    wrong(key, node, expected, "");
  }

  private void wrong(String key, Node node, String expected, String hint) {
    problems.add(
        node,
        fullName(key),
        "expected " + expected + ", found " + YamlValues.describe(node) + hint);
  }

  private String fullName(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }
}
