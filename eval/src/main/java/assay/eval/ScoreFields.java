package assay.eval;

import assay.rm.data.Row;
import assay.rm.recipe.Suggestion;
import assay.tensor.InvalidInputException;
import java.util.Collection;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields of score rows; what cannot be used is an error that names file, line and key.
 */
final class ScoreFields {
  private static final int SHOWN_CHARACTERS = 80;

  private ScoreFields() {}

  /** A text, or a number as text; empty where it is absent or null. */
  static String id(Row row) {
    JsonNode node = row.fields().get("id");
    if (node == null || node.isNull()) {
      return "";
    }
    return node.isString() ? node.stringValue() : node.toString();
  }

  /** A text, which must be one of some. */
  static String name(Row row, String key, Collection<String> known) {
    String name = text(row, key);
    if (known.contains(name)) {
      return name;
    }
    String help =
        Suggestion.nearest(name, known)
            .map(nearest -> "did you mean '" + nearest + "'?")
            .orElse("expected one of " + String.join(", ", known));
    throw error(row, key, "unknown name '" + name + "'; " + help);
  }

  /** A text, which must be there. */
  static String text(Row row, String key) {
    JsonNode node = present(row, key);
    if (!node.isString()) {
      throw error(row, key, "expected text, found " + shown(node));
    }
    return node.stringValue();
  }

  /** A field's value as the name of a group, whatever its type; it must be there. */
  static String groupName(Row row, String key) {
    JsonNode node = present(row, key);
    return node.isString() ? node.stringValue() : node.toString();
  }

  /** The score under the first of these keys that the row has; one of them must be there. */
  static double score(Row row, String... keys) {
    for (String key : keys) {
      if (row.fields().has(key)) {
        return number(row, key, present(row, key));
      }
    }
    return number(row, keys[0], present(row, keys[0]));
  }

  /** A list of scores. */
  static double[] scores(Row row, String key) {
    JsonNode node = present(row, key);
    if (!node.isArray()) {
      throw error(row, key, "expected a list of scores, found " + shown(node));
    }
    double[] scores = new double[node.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = number(row, "%s[%d]".formatted(key, i), node.get(i));
    }
    return scores;
  }

  /** A list of exactly so many scores. */
  static double[] scores(Row row, String key, int length) {
    double[] scores = scores(row, key);
    if (scores.length != length) {
      throw error(row, key, "expected %d scores, found %d".formatted(length, scores.length));
    }
    return scores;
  }

  /** A whole number within bounds. */
  static int count(Row row, String key, int least, int most) {
    JsonNode node = present(row, key);
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < least
        || node.intValue() > most) {
      String expected = "expected a whole number from %d to %d, found ".formatted(least, most);
      throw error(row, key, expected + shown(node));
    }
    return node.intValue();
  }

  private static double number(Row row, String key, JsonNode node) {
    if (!node.isNumber()) {
      throw error(row, key, "expected a number, found " + shown(node));
    }
    double number = node.numberValue().doubleValue();
    if (!Double.isFinite(number)) {
      throw error(row, key, "the score is " + number + "");
    }
    return number;
  }

  /** The value of a field, which must be there. */
  static JsonNode present(Row row, String key) {
    JsonNode node = row.fields().get(key);
    if (node != null && !node.isNull()) {
      return node;
    }
    List<String> keys = List.copyOf(row.fields().propertyNames());
    String help =
        Suggestion.nearest(key, keys)
            .filter(nearest -> !nearest.equals(key))
            .map(nearest -> "; did you mean '" + nearest + "'?")
            .orElse("");
    String found = node == null ? "is missing" : "is null";
    throw error(row, key, "%s; the row has %s%s".formatted(found, String.join(", ", keys), help));
  }

  static InvalidInputException error(Row row, String key, String message) {
    return new InvalidInputException(row.place() + ": " + key + ": " + message);
  }

  private static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
  }
}
