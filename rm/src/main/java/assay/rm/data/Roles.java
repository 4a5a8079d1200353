package assay.rm.data;

import assay.rm.text.Message;
import java.util.List;
import java.util.Set;

/** Who may speak in a conversation, and in which order. */
public final class Roles {
  static final String NAMES = "system, developer, user, assistant, tool, function, ipython";

  private static final Set<String> INSTRUCTIONS = Set.of("system", "developer");
  private static final Set<String> TOOLS = Set.of("tool", "function", "ipython");

  private Roles() {}

  static boolean isKnown(String role) {
    return isUser(role) || isAssistant(role) || INSTRUCTIONS.contains(role) || TOOLS.contains(role);
  }

  static boolean isUser(String role) {
    return role.equals("user");
  }

  static boolean isAssistant(String role) {
    return role.equals("assistant");
  }

  /**
   * Instructions may open the conversation; then user and assistant take turns, beginning with the
   * user. Tools speak after the assistant, who goes on after them.
   */
  public static boolean alternate(List<Message> turns) {
    int start = 0;
    while (start < turns.size() && INSTRUCTIONS.contains(turns.get(start).role())) {
      start++;
    }
    String previous = "none";
    for (Message turn : turns.subList(start, turns.size())) {
      String role = TOOLS.contains(turn.role()) ? "tool" : turn.role();
      boolean inOrder =
          switch (role) {
            case "user" -> previous.equals("none") || previous.equals("assistant");
            case "assistant" -> previous.equals("user") || previous.equals("tool");
            case "tool" -> previous.equals("assistant") || previous.equals("tool");
            default -> false;
          };
      if (!inOrder) {
        return false;
      }
      previous = role;
    }
    return true;
  }
}
