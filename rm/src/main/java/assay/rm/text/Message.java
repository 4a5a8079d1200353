package assay.rm.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One turn of a conversation.
 *
 * @param role as the data says: {@code system}, {@code user}, {@code assistant}, ...
 * @param content the turn's text; null if it has none, as a turn that only calls tools
 * @param extra further fields that a chat template may read (tool calls, a name, ...), as JSON
 *     values in the order of the data; empty for plain turns. A field {@code content} replaces the
 *     text where it is not a string, such as a list of parts.
 */
public record Message(String role, String content, Map<String, Object> extra) {
  public Message {
    // Not Map.copyOf: templates print tool calls in the order of their fields, and it has none.
    extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
  }

  public Message(String role, String content) {
    this(role, content, Map.of());
  }
}
