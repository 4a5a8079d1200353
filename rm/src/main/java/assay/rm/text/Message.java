package assay.rm.text;

import java.util.Map;

/**
 * One turn of a conversation.
 *
 * @param role as the data says: {@code system}, {@code user}, {@code assistant}, ...
 * @param content the turn's text
 * @param extra further fields that a chat template may read (tool calls, a name, ...), as JSON
 *     values; empty for plain turns
 */
public record Message(String role, String content, Map<String, Object> extra) {
  public Message {
    extra = Map.copyOf(extra);
  }

  public Message(String role, String content) {
    this(role, content, Map.of());
  }
}
