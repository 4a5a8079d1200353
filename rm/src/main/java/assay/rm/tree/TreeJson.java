package assay.rm.tree;

import assay.tensor.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A decision tree as JSON, to be read by people too:
 *
 * <pre>
 * {"feature": "helpfulness", "threshold": 0.031, "gain": 0.02, "samples": 800, "positives": 400,
 *  "at_most": {...}, "above": {"samples": 380, "positives": 260, "probability": 0.684}}
 * </pre>
 *
 * <p>Only features, thresholds and the counts of leaves are read; the rest follows from them.
 */
public final class TreeJson {
  private TreeJson() {}

  /** Objects for a JSON writer. */
  public static Map<String, Object> of(DecisionTree tree) {
    return of(tree.features(), tree.root());
  }

  private static Map<String, Object> of(List<String> features, DecisionTree.Node node) {
    Map<String, Object> fields = new LinkedHashMap<>();
    switch (node) {
      case DecisionTree.Leaf leaf -> {
        fields.put("samples", leaf.samples());
        fields.put("positives", leaf.positives());
        fields.put("probability", leaf.probability());
      }
      case DecisionTree.Split split -> {
        fields.put("feature", features.get(split.feature()));
        fields.put("threshold", split.threshold());
        fields.put("gain", split.gain());
        fields.put("samples", split.samples());
        fields.put("positives", split.positives());
        fields.put("at_most", of(features, split.atMost()));
        fields.put("above", of(features, split.above()));
      }
    }
    return fields;
  }

  /**
   * Reads a tree.
   *
   * @param features those that its splits may name, in the order of a row's numbers
   * @param place of the tree, for messages
   * @throws InvalidInputException if it is none
   */
  public static DecisionTree parse(JsonNode json, List<String> features, String place) {
    return new DecisionTree(features, node(json, features, place));
  }

  private static DecisionTree.Node node(JsonNode json, List<String> features, String place) {
    if (!json.has("feature")) {
      int samples = json.path("samples").asInt(0);
      int positives = json.path("positives").asInt(-1);
      if (samples < 1 || positives < 0 || positives > samples) {
        throw new InvalidInputException(
            place + ": expected a split's feature, or a leaf's samples and, of these, positives");
      }
      return new DecisionTree.Leaf(samples, positives);
    }
    int feature = features.indexOf(json.path("feature").asString(""));
    double threshold = json.path("threshold").asDouble(Double.NaN);
    if (feature < 0 || !Double.isFinite(threshold)) {
      throw new InvalidInputException(
          "%s: expected a threshold, and a feature that is one of %s"
              .formatted(place, String.join(", ", features)));
    }
    return new DecisionTree.Split(
        feature,
        threshold,
        node(json.path("at_most"), features, place + ".at_most"),
        node(json.path("above"), features, place + ".above"));
  }
}
