package assay.rm.data;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** How explanations of rewards are written. */
final class Explanations {
  private Explanations() {}

  /** The objects of one explanation, by their keys in a score row. */
  static Map<String, ObjectNode> of(Judgement.Explanation explanation) {
    Map<String, ObjectNode> objects = new LinkedHashMap<>();
    objects.put("objectives", object(explanation.objectives()));
    if (!explanation.gating().isEmpty()) {
      objects.put("gating", object(explanation.gating()));
    }
    return objects;
  }

  private static ObjectNode object(Map<String, Double> values) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    values.forEach(object::put);
    return object;
  }
}
