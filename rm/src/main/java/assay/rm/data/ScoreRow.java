package assay.rm.data;

import assay.tensor.InvalidInputException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A row of {@code assay score}: what is to be scored, and how the answer is written.
 *
 * <p>Kinds, in the order in which they are looked for: {@code chosen_ids, rejected_ids}; {@code
 * input_ids}; {@code chosen, rejected}; {@code prompt, responses}; {@code prompt, response}; {@code
 * messages}; {@code text}. The answer has all other fields of the row, in their order, and then the
 * rewards.
 */
public sealed interface ScoreRow {
  RowPlace place();

  /** The fields that are no part of what is scored. */
  ObjectNode passThrough();

  /** What is to be scored, in the order of the rewards. */
  List<ScoreItem> items();

  /** One reward. */
  record Single(RowPlace place, ObjectNode passThrough, ScoreItem item) implements ScoreRow {
    @Override
    public List<ScoreItem> items() {
      return List.of(item);
    }
  }

  /** Several responses to one prompt. */
  record Responses(RowPlace place, ObjectNode passThrough, List<ScoreItem> items)
      implements ScoreRow {
    public Responses {
      items = List.copyOf(items);
    }
  }

  /** A better and a worse answer. */
  record Pair(RowPlace place, ObjectNode passThrough, ScoreItem chosen, ScoreItem rejected)
      implements ScoreRow {
    @Override
    public List<ScoreItem> items() {
      return List.of(chosen, rejected);
    }
  }

  /** A JSON object that cannot be scored; its answer says why. */
  record Unscorable(RowPlace place, ObjectNode passThrough, String error) implements ScoreRow {
    @Override
    public List<ScoreItem> items() {
      return List.of();
    }
  }

  /**
   * The output row for these rewards, one per item, under "reward", "rewards", or "chosen_reward"
   * and "rejected_reward"; with "error" where one is not finite or the row was unscorable.
   */
  default ObjectNode answer(double... rewards) {
    if (this instanceof Unscorable unscorable) {
      return error(unscorable.error());
    }
    if (rewards.length != items().size()) {
      throw new IllegalArgumentException(
          "expected " + items().size() + " rewards, got " + rewards.length);
    }
    for (double reward : rewards) {
      if (!Double.isFinite(reward)) {
        return error("the model's reward is " + reward);
      }
    }
    ObjectNode answer = passThrough().deepCopy();
    switch (this) {
      case Single _ -> set(answer, "reward", rewards[0]);
      case Pair _ -> {
        set(answer, "chosen_reward", rewards[0]);
        set(answer, "rejected_reward", rewards[1]);
      }
      case Responses _ -> {
        answer.remove("rewards");
        ArrayNode list = answer.putArray("rewards");
        for (double reward : rewards) {
          list.add(reward);
        }
      }
      case Unscorable _ -> throw new AssertionError("answered above");
    }
    return answer;
  }

  /** The output row of a row that cannot be scored. */
  default ObjectNode error(String message) {
    ObjectNode answer = passThrough().deepCopy();
    answer.remove("error");
    return answer.put("error", message);
  }

  /** A result comes last, also where the row had a field of its name. */
  private static void set(ObjectNode answer, String key, double value) {
    answer.remove(key);
    answer.put(key, value);
  }

  /** Reads a row; one that cannot be scored becomes {@link Unscorable}, so that it is answered. */
  static ScoreRow parse(Row row) {
    ObjectNode fields = row.fields();
    RowPlace place = row.place();
    Optional<ScoreRowKind> kind = ScoreRowKind.of(fields);
    if (kind.isEmpty()) {
      String keys = String.join(", ", fields.propertyNames());
      return new Unscorable(
          place,
          fields,
          "there is nothing to score: expected one of " + ScoreRowKind.LIST + "; found " + keys);
    }
    ObjectNode others = fields.deepCopy();
    others.remove(kind.get().keys());
    try {
      return kind.get().parse(place, fields, others);
    } catch (InvalidInputException e) {
      return new Unscorable(place, others, e.getMessage());
    }
  }
}
