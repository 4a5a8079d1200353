package assay.eval;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How a judge judged, whatever it was right about.
 *
 * @param rows that were judged
 * @param comparisons rows whose answers were compared, in two orders
 * @param consistent comparisons with the same verdict in both
 * @param verdicts of comparisons, one for each order
 * @param unparsable of these, those that nobody could make out
 * @param choices of these, those that named an answer
 * @param first of these, those that named the answer that stood first
 */
public record JudgeStatistics(
    long rows,
    long comparisons,
    long consistent,
    long verdicts,
    long unparsable,
    long choices,
    long first) {
  static final JudgeStatistics NONE = new JudgeStatistics(0, 0, 0, 0, 0, 0, 0);

  /** With one row more, as {@link assay.rm.judge.JudgedRows} writes it. */
  JudgeStatistics with(JsonNode row) {
    JsonNode its = row.path("verdicts");
    if (its.isEmpty()) {
      return new JudgeStatistics(
          rows + 1, comparisons, consistent, verdicts, unparsable, choices, first);
    }
    int unparsableHere = 0;
    int choicesHere = 0;
    int firstHere = 0;
    for (int order = 0; order < its.size(); order++) {
      String verdict = its.get(order).asString();
      if (verdict.equals("unparsable")) {
        unparsableHere++;
      } else if (!verdict.equals("tie")) {
        choicesHere++;
        firstHere += verdict.equals(shownFirst(row, order)) ? 1 : 0;
      }
    }
    return new JudgeStatistics(
        rows + 1,
        comparisons + 1,
        consistent + (row.path("consistent").asBoolean() ? 1 : 0),
        verdicts + its.size(),
        unparsable + unparsableHere,
        choices + choicesHere,
        first + firstHere);
  }

  /** Of a pair the chosen answer is shown first, then the rejected one. */
  private static String shownFirst(JsonNode row, int order) {
    JsonNode orders = row.path("orders");
    return orders.isMissingNode()
        ? (order == 0 ? "chosen" : "rejected")
        : orders.path(order).path(0).asString();
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rows", rows);
    json.put("comparisons", comparisons);
    json.put("consistent", consistent);
    json.put("verdicts", verdicts);
    json.put("unparsable", unparsable);
    json.put("choices", choices);
    json.put("first", first);
    return json;
  }
}
