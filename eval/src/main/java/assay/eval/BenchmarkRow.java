package assay.eval;

import static assay.eval.ScoreFields.present;

import assay.rm.data.Row;
import assay.rm.data.ScoreItem;
import assay.rm.data.ScoreRow;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A row of a benchmark's own data: what a model has to score, and the score row that comes of it.
 *
 * <pre>
 * rewardbench    id, subset, prompt, chosen, rejected
 * rewardbench2   id, subset, prompt, chosen: [...], rejected: [...], num_correct
 * rm-bench       id, domain, prompt, chosen: [3], rejected: [3]; concise, detailed, markdown
 * pairs          any pair that can be scored, and the field of the groups
 * </pre>
 *
 * @param answers all of them, the chosen ones first
 * @param layout how their scores are written
 * @param head the score row without scores
 */
public record BenchmarkRow(ScoreRow answers, Layout layout, ObjectNode head) {
  private static final int STYLES = 3;

  /** How score rows hold scores. */
  public enum Layout {
    PAIR,
    LIST,
    TWO_LISTS
  }

  /**
   * Reads a row of the benchmark's data.
   *
   * @throws InvalidInputException if it is none; names file, line and key
   */
  public static BenchmarkRow parse(Benchmark<?> benchmark, Row row) {
    BenchmarkRow parsed =
        switch (benchmark) {
          case RewardBench _ -> pair(row, Optional.of("subset"));
          case PairBenchmark(TieRule _, Optional<String> by) -> pair(row, by);
          case RewardBench2 _ -> bestOf(row);
          case RmBench _ -> styles(row);
        };
    benchmark.read(parsed.withScores(new double[parsed.numAnswers()])); // knows its names
    return parsed;
  }

  private static BenchmarkRow pair(Row row, Optional<String> group) {
    if (!row.fields().has("chosen_ids")) {
      present(row, "chosen");
      present(row, "rejected");
    }
    ScoreRow parsed = parse(row);
    if (!(parsed instanceof ScoreRow.Pair)) {
      throw ScoreFields.error(row, "chosen", "expected a pair: chosen and rejected");
    }
    return new BenchmarkRow(parsed, Layout.PAIR, head(row, group));
  }

  private static BenchmarkRow bestOf(Row row) {
    ArrayNode chosen = list(row, "chosen");
    ArrayNode rejected = list(row, "rejected");
    ObjectNode head = head(row, Optional.of("subset"));
    if (row.fields().hasNonNull("num_correct")) {
      ScoreFields.count(row, "num_correct", chosen.size(), chosen.size()); // they must agree
    }
    head.put("num_correct", chosen.size());
    return new BenchmarkRow(together(row, chosen, rejected), Layout.LIST, head);
  }

  private static BenchmarkRow styles(Row row) {
    ArrayNode chosen = list(row, "chosen");
    ArrayNode rejected = list(row, "rejected");
    for (String key : List.of("chosen", "rejected")) {
      int found = row.fields().get(key).size();
      if (found != STYLES) {
        throw ScoreFields.error(
            row, key, "expected %d answers, one in each style, found %d".formatted(STYLES, found));
      }
    }
    ObjectNode head = head(row, Optional.of("domain"));
    return new BenchmarkRow(together(row, chosen, rejected), Layout.TWO_LISTS, head);
  }

  private static ArrayNode list(Row row, String key) {
    if (!(present(row, key) instanceof ArrayNode answers) || answers.isEmpty()) {
      throw ScoreFields.error(row, key, "expected a list of answers");
    }
    return answers;
  }

  private static ObjectNode head(Row row, Optional<String> group) {
    ObjectNode head = JsonNodeFactory.instance.objectNode();
    JsonNode id = row.fields().get("id");
    if (id != null) {
      head.set("id", id);
    }
    group.ifPresent(key -> head.set(key, present(row, key)));
    return head;
  }

  /** All answers to the row's prompt, the chosen ones first. */
  private static ScoreRow together(Row row, ArrayNode chosen, ArrayNode rejected) {
    ObjectNode question = JsonNodeFactory.instance.objectNode();
    question.set("prompt", present(row, "prompt"));
    question.putArray("responses").addAll(chosen).addAll(rejected);
    return parse(new Row(row.place(), question));
  }

  private static ScoreRow parse(Row row) {
    ScoreRow parsed = ScoreRow.parse(row);
    if (parsed instanceof ScoreRow.Unscorable unscorable) {
      throw new InvalidInputException(unscorable.error());
    }
    return parsed;
  }

  /** How many answers there are to score. */
  public int numAnswers() {
    return answers.items().size();
  }

  /** The answers' texts, without their prompt; empty if the row has token ids only. */
  public Optional<List<String>> texts() {
    List<String> texts = new ArrayList<>();
    for (ScoreItem item : answers.items()) {
      if (!(item instanceof ScoreItem.Conversation conversation)) {
        return Optional.empty();
      }
      texts.add(conversation.turns().getLast().content());
    }
    return Optional.of(texts);
  }

  /** The turns before the answers; none if the row has token ids only. */
  public List<Message> prompt() {
    return answers.items().getFirst() instanceof ScoreItem.Conversation(List<Message> turns)
        ? turns.subList(0, turns.size() - 1)
        : List.of();
  }

  /** The score row, as score files have it. */
  public Row withScores(double... scores) {
    ObjectNode fields = head.deepCopy();
    switch (layout) {
      case PAIR -> {
        fields.put("score_chosen", scores[0]);
        fields.put("score_rejected", scores[1]);
      }
      case LIST -> addAll(fields.putArray("scores"), scores, 0, scores.length);
      case TWO_LISTS -> {
        addAll(fields.putArray("score_chosen"), scores, 0, STYLES);
        addAll(fields.putArray("score_rejected"), scores, STYLES, scores.length);
      }
    }
    return new Row(answers.place(), fields);
  }

  private static void addAll(ArrayNode list, double[] scores, int start, int end) {
    for (int i = start; i < end; i++) {
      list.add(scores[i]);
    }
  }

  /** The row of a score file that says why there are no scores. */
  public Row withError(String error) {
    return new Row(answers.place(), head.deepCopy().put(Scores.ERROR, error));
  }
}
