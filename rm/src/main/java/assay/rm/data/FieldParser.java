package assay.rm.data;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the values that rows are made of: turns, token ids, numbers. What is not of the format at
 * all is an error with its place; what is of the format but unfit for training is left to {@link
 * PairFilter}.
 */
final class FieldParser {
  private FieldParser() {}

  static boolean has(ObjectNode fields, String... keys) {
    for (String key : keys) {
      if (!fields.has(key)) {
        return false;
      }
    }
    return true;
  }

  /** Present and not null. */
  static boolean given(ObjectNode fields, String... keys) {
    for (String key : keys) {
      if (!fields.hasNonNull(key)) {
        return false;
      }
    }
    return true;
  }

  /** A list of {@code {"role", "content"}}; null gives no turns. */
  static List<Message> turns(RowPlace place, String key, JsonNode node) {
    if (node.isNull()) {
      return List.of();
    }
    if (!node.isArray()) {
      throw new InvalidInputException(
          place + ": " + key + ": expected a list of turns, found " + Json.describe(node));
    }
    List<Message> turns = new ArrayList<>(node.size());
    for (JsonNode turn : node.values()) {
      turns.add(turn(place, key + "[" + turns.size() + "]", turn));
    }
    return turns;
  }

  private static Message turn(RowPlace place, String name, JsonNode node) {
    if (!(node instanceof ObjectNode fields)
        || !(fields.has("role") && fields.get("role").isString())) {
      throw new InvalidInputException(
          place + ": " + name + ": expected a turn {\"role\", \"content\"}, found " + brief(node));
    }
    Map<String, Object> extra = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : fields.properties()) {
      boolean own = entry.getKey().equals("role") || entry.getKey().equals("content");
      // Parquet gives every turn every field; a null one says that the turn has none.
      if (!own && !entry.getValue().isNull()) {
        extra.put(entry.getKey(), Json.toJava(entry.getValue()));
      }
    }
    return new Message(fields.get("role").stringValue(), content(fields.get("content")), extra);
  }

  /**
   * A turn's text: the string, or the texts of a list of parts put together. Absent or null is the
   * empty text; anything that is not text (an image) gives null.
   */
  private static String content(JsonNode node) {
    if (node == null || node.isNull()) {
      return "";
    }
    if (node.isString()) {
      return node.stringValue();
    }
    if (!node.isArray()) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : node.values()) {
      JsonNode partText = part.get("text");
      if (partText == null || !partText.isString()) {
        return null;
      }
      text.append(partText.stringValue());
    }
    return text.toString();
  }

  /** The prompt of a row: turns, or a text, which is one user turn. */
  static List<Message> prompt(RowPlace place, JsonNode node) {
    return node.isString()
        ? List.of(new Message("user", node.stringValue()))
        : turns(place, "prompt", node);
  }

  /**
   * The whole conversation of a prompt and an answer. The answer is a text, which is one assistant
   * turn, or a list of turns. Turns that begin with the prompt's own are the whole conversation
   * already, as several published data sets have it.
   */
  static List<Message> conversation(
      RowPlace place, List<Message> prompt, String key, JsonNode answer) {
    List<Message> turns =
        answer.isString()
            ? List.of(new Message("assistant", answer.stringValue()))
            : turns(place, key, answer);
    if (turns.isEmpty() || (!prompt.isEmpty() && startsWith(turns, prompt))) {
      return turns;
    }
    List<Message> whole = new ArrayList<>(prompt);
    whole.addAll(turns);
    return whole;
  }

  static boolean startsWith(List<Message> turns, List<Message> beginning) {
    return turns.size() >= beginning.size() && turns.subList(0, beginning.size()).equals(beginning);
  }

  /** Whether a text is free of halves of surrogate pairs, which JSON's escapes can write. */
  static boolean isUnicode(String text) {
    return text.codePoints()
        .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  /** A list of whole numbers; null gives none. */
  static int[] tokenIds(RowPlace place, String key, JsonNode node) {
    if (node.isNull()) {
      return new int[0];
    }
    if (!node.isArray()) {
      throw new InvalidInputException(
          place + ": " + key + ": expected a list of token ids, found " + Json.describe(node));
    }
    int[] ids = new int[node.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = node.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToInt()) {
        throw new InvalidInputException(
            "%s: %s[%d]: expected a token id, found %s"
                .formatted(place, key, i, Json.describe(id)));
      }
      ids[i] = id.intValue();
    }
    return ids;
  }

  /** A number, or the fallback where it is absent or null. */
  static double number(Row row, String key, double fallback) {
    JsonNode node = row.fields().get(key);
    if (node == null || node.isNull()) {
      return fallback;
    }
    if (!node.isNumber()) {
      throw new InvalidInputException(
          row.place() + ": " + key + ": expected a number, found " + Json.describe(node));
    }
    return node.numberValue().doubleValue();
  }

  /** A text or number as text, or an empty text. */
  static String label(Row row, String key) {
    JsonNode node = row.fields().get(key);
    if (node == null || node.isNull()) {
      return "";
    }
    return node.isString() ? node.stringValue() : node.toString();
  }

  private static String brief(JsonNode node) {
    String text = node.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
