package assay.rm.data;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How explanations of rewards are written. */
final class Explanations {
  private Explanations() {}

  /** The parts of one explanation, by their keys in a score row. */
  static Map<String, JsonNode> of(Judgement.Explanation explanation) {
    Map<String, JsonNode> objects = new LinkedHashMap<>();
    if (!explanation.objectives().isEmpty()) {
      objects.put("objectives", object(explanation.objectives()));
    }
    if (!explanation.gating().isEmpty()) {
      objects.put("gating", object(explanation.gating()));
    }
    if (!explanation.steps().isEmpty()) {
      ArrayNode steps = Json.MAPPER.createArrayNode();
      explanation.steps().forEach(steps::add);
      objects.put("steps", steps);
    }
    return objects;
  }

  private static ObjectNode object(Map<String, Double> values) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    values.forEach(object::put);
    return object;
  }
}
