package assay.nn.checkpoint;

import assay.nn.RopeConfig;
import assay.nn.RopeConfig.Linear;
import assay.nn.RopeConfig.Llama3;
import assay.nn.RopeConfig.None;
import assay.nn.RopeConfig.Scaling;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the rotary embedding's settings in both spellings: {@code rope_theta} and {@code
 * rope_scaling} at the top (up to transformers 4), or {@code rope_parameters} (from 5).
 */
final class RopeReader {
  static final String FULL = "full_attention";
  static final String SLIDING = "sliding_attention";

  private static final double DEFAULT_THETA = 10_000;

  private final JsonObject config;
  private final int maxPositionEmbeddings;

  RopeReader(JsonObject config, int maxPositionEmbeddings) {
    this.config = config;
    this.maxPositionEmbeddings = maxPositionEmbeddings;
  }

  /** The one rope of all layers; the old spelling's scaling wins, as in transformers. */
  RopeConfig read() {
    JsonObject scaling = config.object("rope_scaling");
    JsonObject rope = scaling.values().isEmpty() ? config.object("rope_parameters") : scaling;
    if (rope.has(FULL) || rope.has(SLIDING)) {
      throw rope.error(FULL, "one rope for each kind of layer is known for gemma3_text only");
    }
    return rope(rope, topTheta("rope_theta", DEFAULT_THETA));
  }

  /** Gemma 3 turns its global and its local layers differently, and scales the global only. */
  Map<String, RopeConfig> readByLayerType() {
    JsonObject byType = config.object("rope_parameters");
    for (String key : byType.values().keySet()) {
      if (!key.equals(FULL) && !key.equals(SLIDING)) {
        throw byType.error(key, "expected only " + FULL + " and " + SLIDING + " for gemma3_text");
      }
    }
    JsonObject local = byType.object(SLIDING);
    JsonObject global = byType.object(FULL);
    Map<String, Object> scaled = new LinkedHashMap<>(global.values());
    scaled.putAll(config.object("rope_scaling").values());
    JsonObject scaledGlobal = new JsonObject(config.source(), global.path(), scaled);
    return Map.of(
        FULL, rope(scaledGlobal, topTheta("rope_theta", 1_000_000)),
        SLIDING, rope(local, topTheta("rope_local_base_freq", DEFAULT_THETA)));
  }

  private double topTheta(String key, double absent) {
    return config.has(key) ? config.positive(key, absent) : absent;
  }

  private RopeConfig rope(JsonObject rope, double defaultTheta) {
    double theta =
        rope.has("rope_theta") ? rope.positive("rope_theta", defaultTheta) : defaultTheta;
    for (JsonObject place : new JsonObject[] {rope, config}) {
      if (place.has("partial_rotary_factor") && place.number("partial_rotary_factor", 1) != 1) {
        throw place.error(
            "partial_rotary_factor", "turning only a part of each head is not supported");
      }
    }
    return new RopeConfig(theta, scaling(rope));
  }

  private Scaling scaling(JsonObject rope) {
    String key = rope.has("rope_type") ? "rope_type" : "type";
    String type = rope.string(key, "default");
    return switch (type) {
      case "default" -> new None();
      case "linear" -> new Linear(required(rope, "factor"));
      case "llama3" -> llama3(rope);
      default ->
          throw rope.error(
              key, Quote.of(type) + " is not supported; supported: default, linear, llama3");
    };
  }

  private Scaling llama3(JsonObject rope) {
    double low = required(rope, "low_freq_factor");
    double high = required(rope, "high_freq_factor");
    if (high <= low) {
      throw rope.error("high_freq_factor", "must be over low_freq_factor, " + low);
    }
    String key = "original_max_position_embeddings";
    JsonObject place = config.has(key) ? config : rope;
    int originalMaxPositions = place.integer(key, 1, Integer.MAX_VALUE, maxPositionEmbeddings);
    return new Llama3(required(rope, "factor"), low, high, originalMaxPositions);
  }

  private static double required(JsonObject rope, String key) {
    if (!rope.has(key)) {
      throw rope.error(key, "is missing; this rope type needs it");
    }
    return rope.positive(key, 0);
  }
}
