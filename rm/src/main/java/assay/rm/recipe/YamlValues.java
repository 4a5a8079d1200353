package assay.rm.recipe;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** YAML nodes as Java values, under YAML 1.2's core schema. Nothing is converted silently. */
final class YamlValues {
  private YamlValues() {}

  static Optional<String> text(Node node) {
    return node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)
        ? Optional.of(scalar.getValue())
        : Optional.empty();
  }

  static Optional<Long> wholeNumber(Node node) {
    if (!(node instanceof ScalarNode scalar) || !scalar.getTag().equals(Tag.INT)) {
      return Optional.empty();
    }
    String digits = scalar.getValue();
    BigInteger value =
        digits.startsWith("0x")
            ? new BigInteger(digits.substring(2), 16)
            : digits.startsWith("0o")
                ? new BigInteger(digits.substring(2), 8)
                : new BigInteger(digits);
    return value.bitLength() < Long.SIZE ? Optional.of(value.longValue()) : Optional.empty();
  }

  /** A whole number or a fraction; {@code .inf} and {@code .nan} too, for the caller to refuse. */
  static OptionalDouble number(Node node) {
    Optional<Long> whole = wholeNumber(node);
    if (whole.isPresent()) {
      return OptionalDouble.of(whole.get());
    }
    if (!(node instanceof ScalarNode scalar) || !scalar.getTag().equals(Tag.FLOAT)) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        switch (scalar.getValue().toLowerCase(Locale.ROOT)) {
          case ".nan" -> Double.NaN;
          case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
          case "-.inf" -> Double.NEGATIVE_INFINITY;
          default -> Double.parseDouble(scalar.getValue());
        });
  }

  /** A mapping as a map of {@code String, Long, Double, Boolean, List, Map} and null. */
  static Map<String, Object> map(MappingNode node, String path, Problems problems) {
    Map<String, Object> result = new LinkedHashMap<>();
    if (node.isRecursive()) {
      problems.add(node, path, "contains itself through an alias");
      return result;
    }
    for (NodeTuple entry : node.getValue()) {
      Node keyNode = entry.getKeyNode();
      String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "a key";
      String keyPath = path + "." + key;
      if (result.containsKey(key)) {
        problems.add(keyNode, keyPath, "is given twice");
      }
      result.put(key, any(entry.getValueNode(), keyPath, problems));
    }
    return Collections.unmodifiableMap(result);
  }

  private static Object any(Node node, String path, Problems problems) {
    return switch (node) {
      case MappingNode mapping -> map(mapping, path, problems);
      case SequenceNode list -> list(list, path, problems);
      default -> scalar(node, path, problems);
    };
  }

  private static List<Object> list(SequenceNode node, String path, Problems problems) {
    List<Object> items = new ArrayList<>();
    if (node.isRecursive()) {
      problems.add(node, path, "contains itself through an alias");
      return items;
    }
    for (Node item : node.getValue()) {
      items.add(any(item, path + "[" + items.size() + "]", problems));
    }
    return Collections.unmodifiableList(items);
  }

  private static Object scalar(Node node, String path, Problems problems) {
    String value = node instanceof ScalarNode scalar ? scalar.getValue() : "";
    if (node.getTag().equals(Tag.NULL)) {
      return null;
    }
    if (node.getTag().equals(Tag.BOOL)) {
      return value.equalsIgnoreCase("true");
    }
    if (wholeNumber(node).isPresent()) {
      return wholeNumber(node).get();
    }
    OptionalDouble number = number(node);
    if (number.isPresent() && Double.isFinite(number.getAsDouble())) {
      return number.getAsDouble();
    }
    if (text(node).isEmpty()) {
      problems.add(node, path, "expected a JSON-like value, found " + describe(node));
    }
    return value;
  }

  /** What stands there, in a message's words. */
  static String describe(Node node) {
    return switch (node) {
      case MappingNode _ -> "keys and values";
      case SequenceNode list -> "a list of length " + list.getValue().size();
      case ScalarNode scalar when scalar.getTag().equals(Tag.STR) ->
          "the text '" + scalar.getValue() + "'";
      case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> "nothing";
      case ScalarNode scalar -> scalar.getValue();
      default -> "something else";
    };
  }

  /** Text that YAML takes for a number or a truth value needs quotes. */
  static String quoteHint(Node node) {
    return node instanceof ScalarNode ? " (in quotes, if it is meant as text)" : "";
  }
}
