package assay.eval;

import assay.rm.recipe.Recipe;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * All that the scores of an evaluation depend on: if it is the same, an interrupted one may go on.
 *
 * @param by the field of the groups, of pairs
 * @param model SHA-256 of the model's files, or its name behind an API
 * @param data SHA-256 of the data files, in their order
 * @param precision fp32 or bf16
 * @param templateDate the day that the chat template sees; empty if it asks for none
 * @param tooLong what becomes of texts that the model cannot read whole
 * @param judge what a judge is asked, and how it answers; empty for a reward model
 */
public record EvaluationIdentity(
    String benchmark,
    Optional<String> by,
    String model,
    List<String> data,
    String precision,
    Optional<String> templateDate,
    Recipe.TooLong tooLong,
    Optional<String> judge) {

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("benchmark", benchmark);
    json.put("by", by.orElse(null));
    json.put("model", model);
    json.put("data", data);
    json.put("precision", precision);
    json.put("template_date", templateDate.orElse(null));
    json.put("too_long", tooLong.key());
    json.put("judge", judge.orElse(null));
    return json;
  }

  /**
   * Checks that a stored identity is this one.
   *
   * @param place of the stored one
   * @throws InvalidInputException if it is another; names the key that differs and what to do
   */
  void require(JsonNode stored, String place) {
    List<String> hashes = new ArrayList<>();
    stored.path("data").forEach(hash -> hashes.add(hash.asString("")));
    require(place, "benchmark", stored.path("benchmark").asString(""), benchmark);
    require(place, "by", stored.path("by").asString("null"), by.orElse("null"));
    require(place, "model", stored.path("model").asString(""), model);
    require(place, "data", String.join(", ", hashes), String.join(", ", data));
    require(place, "precision", stored.path("precision").asString(""), precision);
    require(
        place,
        "template_date",
        stored.path("template_date").asString("null"),
        templateDate.orElse("null"));
    require(place, "too_long", stored.path("too_long").asString(""), tooLong.key());
    require(place, "judge", stored.path("judge").asString("null"), judge.orElse("null"));
  }

  private static void require(String place, String key, String stored, String asked) {
    if (!stored.equals(asked)) {
      throw new InvalidInputException(
          "%s: %s: the evaluation in this folder is of %s, this one of %s; give what it was begun"
                  .formatted(place, key, stored, asked)
              + " with to go on, or name another --output folder");
    }
  }
}
