package assay.eval;

import assay.nn.checkpoint.JsonPrinter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The content of result.json: a benchmark's scores, and beside them how far to trust them and what
 * they are of.
 *
 * @param model the model's hash or name; null for scores from elsewhere
 * @param data the data files' hashes by name
 * @param details what else is reported, by its key
 */
public record ResultFile(
    BenchmarkResult result,
    EvaluationStatistics statistics,
    String model,
    Map<String, String> data,
    Map<String, Object> details) {
  /** The file's name in an output folder. */
  public static final String NAME = "result.json";

  /** The object, scores first. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>(result.toJson());
    json.put("statistics", statistics.toJson());
    json.put("model", model);
    json.put("data", data);
    json.putAll(details);
    return json;
  }

  /** The file's text. */
  public String print() {
    return JsonPrinter.print(toJson());
  }
}
