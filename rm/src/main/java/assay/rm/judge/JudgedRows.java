package assay.rm.judge;

import assay.rm.data.ScoreRow;
import assay.rm.judge.RowJudge.JudgedRow;
import assay.rm.judge.RowJudgement.Comparison;
import assay.rm.judge.RowJudgement.Ratings;
import assay.rm.text.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Judged rows as JSON: the answer to a row of {@code assay judge}, and a pair to train on.
 *
 * <p>An answer has the row's other fields, then {@code verdicts}, one for each order, {@code
 * consistent} if they agree, and {@code p_chosen} of a pair or {@code shares} and {@code choice} of
 * several responses; or {@code rating}, {@code ratings}, {@code chosen_rating} and {@code
 * rejected_rating}. {@code replies} are what the judge wrote; where it read logits, {@code
 * verdict_mass} is how probable any verdict was.
 */
public final class JudgedRows {
  private static final List<String> RESULTS =
      List.of(
          "p_chosen",
          "shares",
          "choice",
          "consistent",
          "verdicts",
          "orders",
          "rating",
          "ratings",
          "chosen_rating",
          "rejected_rating",
          "replies",
          "verdict_mass");

  private JudgedRows() {}

  /** The output row; with {@code error} where there is no judgement. */
  public static ObjectNode answer(JudgedRow judged) {
    if (judged.judgement().isEmpty()) {
      return judged.row().error(judged.error());
    }
    ObjectNode answer = judged.row().passThrough().deepCopy();
    answer.remove(RESULTS);
    return answer.setAll(results(judged.row(), judged.judgement().get()));
  }

  /** What was said of a row, without the row's own fields. */
  public static ObjectNode results(ScoreRow row, RowJudgement judgement) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    switch (judgement) {
      case Comparison comparison -> write(answer, row, comparison);
      case Ratings ratings -> write(answer, row, ratings);
    }
    if (judgement.replies().getFirst().probabilities().isPresent()) {
      ArrayNode masses = answer.putArray("verdict_mass");
      judgement.replies().forEach(reply -> masses.add(reply.verdictMass()));
    } else {
      ArrayNode texts = answer.putArray("replies");
      judgement.replies().forEach(reply -> texts.add(reply.text()));
    }
    return answer;
  }

  private static void write(ObjectNode answer, ScoreRow row, Comparison comparison) {
    boolean pair = row instanceof ScoreRow.Pair;
    writeShares(answer, pair, comparison);
    if (!pair) {
      ArrayNode orders = answer.putArray("orders");
      for (int[] order : comparison.orders()) {
        ArrayNode shown = orders.addArray();
        for (int i : order) {
          shown.add(i);
        }
      }
    }
    answer.put("consistent", comparison.isConsistent());
    ArrayNode verdicts = answer.putArray("verdicts");
    for (int order = 0; order < comparison.orders().size(); order++) {
      OptionalInt choice = comparison.choice(order);
      if (choice.isEmpty()) {
        boolean tie = comparison.replies().get(order).verdict() instanceof Verdict.Tie;
        verdicts.add(tie ? "tie" : "unparsable");
      } else if (pair) {
        verdicts.add(choice.getAsInt() == 0 ? "chosen" : "rejected");
      } else {
        verdicts.add(choice.getAsInt());
      }
    }
  }

  private static void writeShares(ObjectNode answer, boolean pair, RowJudgement judgement) {
    double[] shares = judgement.shares();
    if (pair) {
      answer.put("p_chosen", shares[0]);
      return;
    }
    ArrayNode list = answer.putArray("shares");
    for (double share : shares) {
      list.add(share);
    }
    OptionalInt preferred = judgement.preferred();
    if (preferred.isPresent()) {
      answer.put("choice", preferred.getAsInt());
    } else {
      answer.putNull("choice");
    }
  }

  private static void write(ObjectNode answer, ScoreRow row, Ratings ratings) {
    switch (row) {
      case ScoreRow.Pair _ -> {
        answer.set("chosen_rating", number(ratings.rating(0)));
        answer.set("rejected_rating", number(ratings.rating(1)));
        writeShares(answer, true, ratings);
      }
      case ScoreRow.Responses responses -> {
        ArrayNode list = answer.putArray("ratings");
        for (int i = 0; i < responses.items().size(); i++) {
          list.add(number(ratings.rating(i)));
        }
        writeShares(answer, false, ratings);
      }
      case ScoreRow.Single _ -> answer.set("rating", number(ratings.rating(0)));
      case ScoreRow.Unscorable _ -> throw new AssertionError("has no judgement");
    }
  }

  /** JSON has no NaN: an answer without a rating has null. */
  private static JsonNode number(double value) {
    return Double.isNaN(value)
        ? JsonNodeFactory.instance.nullNode()
        : JsonNodeFactory.instance.numberNode(value);
  }

  /**
   * What a reward model can learn from a row, as {@code {"chosen": [turns], "rejected": [turns]}}:
   * the preferred answer against each of the others; nothing if there is none.
   *
   * @param minShare the share of the preference that it must have; empty: the orders must not
   *     contradict each other
   */
  public static List<ObjectNode> pairs(JudgedRow judged, OptionalDouble minShare) {
    List<ObjectNode> pairs = new ArrayList<>();
    OptionalInt preferred =
        judged
            .judgement()
            .map(
                its ->
                    minShare.isPresent() ? its.preferred(minShare.getAsDouble()) : its.preferred())
            .orElse(OptionalInt.empty());
    for (int other = 0; preferred.isPresent() && other < judged.answers().size(); other++) {
      String chosen = judged.answers().get(preferred.getAsInt());
      String rejected = judged.answers().get(other);
      if (!chosen.equals(rejected)) {
        ObjectNode pair = JsonNodeFactory.instance.objectNode();
        pair.set("chosen", conversation(judged.context(), chosen));
        pair.set("rejected", conversation(judged.context(), rejected));
        pairs.add(pair);
      }
    }
    return pairs;
  }

  private static ArrayNode conversation(List<Message> context, String answer) {
    ArrayNode turns = JsonNodeFactory.instance.arrayNode();
    for (Message turn : context) {
      ObjectNode fields = turns.addObject().put("role", turn.role()).put("content", turn.content());
      turn.extra().forEach((key, value) -> fields.set(key, JsonMapper.shared().valueToTree(value)));
    }
    turns.addObject().put("role", "assistant").put("content", answer);
    return turns;
  }
}
