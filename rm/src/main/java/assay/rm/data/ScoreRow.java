package assay.rm.data;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A row of {@code assay score}: what is to be scored, and how the answer is written.
 *
 * <p>Kinds, in the order in which they are looked for: {@code chosen_ids, rejected_ids}; {@code
 * input_ids}; {@code chosen, rejected}; {@code prompt, responses}; {@code prompt, steps}; {@code
 * prompt, response}; {@code messages}; {@code text}. The answer has all other fields of the row, in
 * their order, and then the rewards.
 */
public sealed interface ScoreRow {
  /** The place of a row that no file has. */
  RowPlace NOWHERE = new RowPlace("a call", RowPlace.Unit.ROW, 1);

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
   * The output row: rewards, one per item, under "reward", "rewards", or "chosen_reward" and
   * "rejected_reward", perhaps with what they are made of; a preference under "p_chosen", perhaps
   * with "paths" in words; a ranking under "ranking" and "win_rates"; "error" where a number is not
   * finite or there is no judgement.
   */
  default ObjectNode answer(Judgement judgement) {
    if (this instanceof Unscorable unscorable) {
      return error(unscorable.error());
    }
    ObjectNode answer = passThrough().deepCopy();
    switch (judgement) {
      case Judgement.Refusal(String reason) -> {
        return error(reason);
      }
      case Judgement.Preference preference -> {
        if (Double.isNaN(preference.chosen())) {
          return error("the model's logits are not numbers");
        }
        set(answer, "p_chosen", preference.chosen());
        explain(answer, preference.explanations());
        if (!preference.paths().isEmpty()) {
          answer.remove("paths");
          answer.set("paths", Json.MAPPER.valueToTree(preference.paths()));
        }
      }
      case Judgement.Ranking ranking -> {
        answer.remove(List.of("ranking", "win_rates"));
        ArrayNode order = answer.putArray("ranking");
        Arrays.stream(ranking.ranking()).forEach(order::add);
        ArrayNode rates = answer.putArray("win_rates");
        Arrays.stream(ranking.winRates()).forEach(rates::add);
        explain(answer, ranking.explanations());
      }
      case Judgement.Rewards(double[] rewards, List<Judgement.Explanation> explanations) -> {
        answer = answer(rewards);
        if (!answer.has("error")) {
          explain(answer, explanations);
        }
      }
    }
    return answer;
  }

  /**
   * Adds "objectives" and "gating", objects by name: lists of them for several responses, and with
   * the prefix of its reward for each side of a pair.
   */
  private void explain(ObjectNode answer, List<Judgement.Explanation> explanations) {
    if (explanations.isEmpty()) {
      return;
    }
    Explanations.of(explanations.getFirst()).forEach((key, _) -> answer.remove(key));
    switch (this) {
      case Single _ -> Explanations.of(explanations.getFirst()).forEach(answer::set);
      case Pair _ -> {
        Explanations.of(explanations.get(0))
            .forEach((key, value) -> answer.set("chosen_" + key, value));
        Explanations.of(explanations.get(1))
            .forEach((key, value) -> answer.set("rejected_" + key, value));
      }
      case Responses _ -> {
        for (Judgement.Explanation explanation : explanations) {
          Explanations.of(explanation)
              .forEach((key, value) -> answer.withArrayProperty(key).add(value));
        }
      }
      case Unscorable _ -> throw new AssertionError("answered above");
    }
  }

  /** As {@link #answer(Judgement)}, of rewards. */
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

  /** A row of one conversation that stands in no file. */
  static ScoreRow conversation(List<Message> turns) {
    return new Single(NOWHERE, Json.MAPPER.createObjectNode(), new ScoreItem.Conversation(turns));
  }

  /** A row of two answers to one prompt that stands in no file. */
  static ScoreRow answers(List<Message> prompt, String first, String second) {
    return new Pair(
        NOWHERE, Json.MAPPER.createObjectNode(), answer(prompt, first), answer(prompt, second));
  }

  private static ScoreItem answer(List<Message> prompt, String text) {
    List<Message> turns = new ArrayList<>(prompt);
    turns.add(new Message("assistant", text));
    return new ScoreItem.Conversation(turns);
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
