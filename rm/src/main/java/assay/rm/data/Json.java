package assay.rm.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** How data files are read as JSON: strictly, and with every number kept as it is written. */
final class Json {
  /**
   * A key given twice and text after the value are errors. NaN and Infinity, which Python writes,
   * are numbers: the filters refuse them where it matters, with a reason.
   */
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  /** A value as templates see it: {@code Long, Double, Boolean, String, List, Map} and null. */
  static Object toJava(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> node.stringValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> number(node);
      case ARRAY -> {
        List<Object> list = new ArrayList<>(node.size());
        node.values().forEach(item -> list.add(toJava(item)));
        yield Collections.unmodifiableList(list);
      }
      case OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        node.properties().forEach(entry -> map.put(entry.getKey(), toJava(entry.getValue())));
        yield Collections.unmodifiableMap(map);
      }
      default -> null;
    };
  }

  private static Object number(JsonNode node) {
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    return node.numberValue().doubleValue();
  }

  /** The parser's complaint without its source excerpt and place, which the caller names. */
  static String complaint(JacksonException e) {
    String message = e.getOriginalMessage();
    int excerpt = message.indexOf('\n');
    return excerpt < 0 ? message : message.substring(0, excerpt);
  }

  /** What a value is, in a message's words. */
  static String describe(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> "text";
      case NUMBER -> "the number " + node;
      case BOOLEAN -> node.toString();
      case ARRAY -> "a list";
      case OBJECT -> "an object";
      case NULL -> "null";
      default -> "nothing";
    };
  }
}
