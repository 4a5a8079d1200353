package assay.rm.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What became of the rows of a run on texts with labels.
 *
 * @param dropped rows of all files that are not used, by reason
 * @param numTrain texts to train on
 * @param numEval texts to evaluate on
 * @param numHeldOutPrompts prompts that were held out of the training files
 */
public record TextReport(
    Map<String, Long> dropped, int numTrain, int numEval, int numHeldOutPrompts)
    implements RunReport {

  @Override
  public String toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dropped", dropped);
    json.put("train_texts", numTrain);
    json.put("eval_texts", numEval);
    json.put("held_out_prompts", numHeldOutPrompts);
    return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
  }

  @Override
  public String toTable() {
    List<String> lines = new ArrayList<>();
    dropped.forEach((reason, count) -> lines.add("dropped %6d: %s".formatted(count, reason)));
    lines.add(
        "texts to train on %d, to evaluate on %d (held out: %d prompts)"
            .formatted(numTrain, numEval, numHeldOutPrompts));
    return String.join("\n", lines) + "\n";
  }
}
