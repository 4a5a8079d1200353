package assay.rm;

import assay.nn.checkpoint.JsonObject;
import assay.rm.data.BatchSampler;
import assay.tensor.InvalidInputException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a run must know, besides weights and optimizer state, to go on as if it had not stopped.
 * Random numbers need nothing: they follow from the seed and the step.
 *
 * @param data SHA-256 of the pairs
 * @param sampler where in the data the run stands
 * @param tokens trained on so far
 * @param metricsBytes the length of metrics.jsonl
 * @param evaluationIsDue whether the run was stopped in an evaluation, which it begins anew
 */
record RunNotes(
    String data,
    BatchSampler.State sampler,
    long tokens,
    long metricsBytes,
    boolean evaluationIsDue) {
  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("data_sha256", data);
    json.put("epoch", sampler.epoch());
    json.put("position", sampler.position());
    json.put("tokens", tokens);
    json.put("metrics_bytes", metricsBytes);
    json.put("evaluation_is_due", evaluationIsDue);
    return json;
  }

  /**
   * Reads the notes of a checkpoint.
   *
   * @param data of the run that is to go on
   * @throws InvalidInputException if the checkpoint's run had other pairs
   */
  static RunNotes read(JsonObject json, String data) {
    String itsData = json.string("data_sha256", "");
    if (!itsData.equals(data)) {
      throw new InvalidInputException(
          "--resume: the run was trained on other pairs; was a data file, the tokenizer, the chat"
              + " template or its date (data.template_date) changed since?");
    }
    return new RunNotes(
        itsData,
        new BatchSampler.State((int) json.count("epoch"), (int) json.count("position")),
        json.count("tokens"),
        json.count("metrics_bytes"),
        json.bool("evaluation_is_due", false));
  }
}
