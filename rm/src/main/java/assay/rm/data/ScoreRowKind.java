package assay.rm.data;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The kinds of score rows: how they are told apart, and how each is read. */
enum ScoreRowKind {
  PAIR_OF_IDS,
  IDS,
  PAIR,
  RESPONSES,
  STEPS,
  RESPONSE,
  MESSAGES,
  TEXT;

  static final String LIST =
      "messages | text | prompt, response | prompt, responses | prompt, steps | chosen, rejected | input_ids |"
          + " chosen_ids, rejected_ids";

  /** The fields by which a row shows that it is of this kind. */
  private List<String> required() {
    return switch (this) {
      case PAIR_OF_IDS -> List.of("chosen_ids", "rejected_ids");
      case IDS -> List.of("input_ids");
      case PAIR -> List.of("chosen", "rejected");
      case RESPONSES -> List.of("prompt", "responses");
      case STEPS -> List.of("prompt", "steps");
      case RESPONSE -> List.of("prompt", "response");
      case MESSAGES -> List.of("messages");
      case TEXT -> List.of("text");
    };
  }

  static Optional<ScoreRowKind> of(ObjectNode fields) {
    for (ScoreRowKind kind : values()) {
      if (FieldParser.given(fields, kind.required().toArray(String[]::new))) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** The fields that the answer does not repeat. */
  List<String> keys() {
    List<String> all = new ArrayList<>(required());
    if (this == PAIR) {
      all.add("prompt");
    }
    return all;
  }

  ScoreRow parse(RowPlace place, ObjectNode fields, ObjectNode others) {
    return switch (this) {
      case PAIR_OF_IDS ->
          new ScoreRow.Pair(
              place, others, ids(place, fields, "chosen_ids"), ids(place, fields, "rejected_ids"));
      case IDS -> new ScoreRow.Single(place, others, ids(place, fields, "input_ids"));
      case PAIR ->
          new ScoreRow.Pair(
              place, others, answer(place, fields, "chosen"), answer(place, fields, "rejected"));
      case RESPONSES -> new ScoreRow.Responses(place, others, responses(place, fields));
      case STEPS -> new ScoreRow.Single(place, others, steps(place, fields));
      case RESPONSE -> new ScoreRow.Single(place, others, answer(place, fields, "response"));
      case MESSAGES ->
          new ScoreRow.Single(
              place,
              others,
              conversation(place, FieldParser.turns(place, "messages", fields.get("messages"))));
      case TEXT -> new ScoreRow.Single(place, others, text(place, fields.get("text")));
    };
  }

  private static ScoreItem ids(RowPlace place, ObjectNode fields, String key) {
    int[] ids = FieldParser.tokenIds(place, key, fields.get(key));
    if (ids.length == 0) {
      throw new InvalidInputException(place + ": " + key + ": there are no token ids");
    }
    return new ScoreItem.TokenIds(ids);
  }

  private static ScoreItem text(RowPlace place, JsonNode node) {
    if (!node.isString()) {
      throw new InvalidInputException(
          place + ": text: expected text, found " + Json.describe(node));
    }
    if (!FieldParser.isUnicode(node.stringValue())) {
      throw new InvalidInputException(place + ": text: holds half of a surrogate pair");
    }
    return new ScoreItem.Text(node.stringValue());
  }

  private static ScoreItem answer(RowPlace place, ObjectNode fields, String key) {
    return answer(place, prompt(place, fields), key, fields.get(key));
  }

  private static ScoreItem answer(RowPlace place, List<Message> prompt, String key, JsonNode node) {
    if (prompt.isEmpty() && node.isString()) {
      throw new InvalidInputException(
          place + ": " + key + ": an answer as text needs a prompt beside it");
    }
    return conversation(place, FieldParser.conversation(place, prompt, key, node));
  }

  private static List<ScoreItem> responses(RowPlace place, ObjectNode fields) {
    List<Message> prompt = prompt(place, fields);
    JsonNode list = fields.get("responses");
    if (!list.isArray() || list.isEmpty()) {
      throw new InvalidInputException(
          place + ": responses: expected a list of responses, found " + Json.describe(list));
    }
    List<ScoreItem> items = new ArrayList<>();
    for (JsonNode response : list.values()) {
      items.add(answer(place, prompt, "responses[" + items.size() + "]", response));
    }
    return items;
  }

  private static ScoreItem steps(RowPlace place, ObjectNode fields) {
    JsonNode list = fields.get("steps");
    List<String> steps = new ArrayList<>();
    if (list.isArray()) {
      list.values().stream().filter(JsonNode::isString).forEach(s -> steps.add(s.stringValue()));
    }
    if (steps.isEmpty() || steps.size() != list.size()) {
      throw new InvalidInputException(
          place + ": steps: expected a list of texts, found " + Json.describe(list));
    }
    ScoreItem.Steps item = new ScoreItem.Steps(prompt(place, fields), steps);
    conversation(place, item.conversation().turns()); // is checked as one
    return item;
  }

  private static List<Message> prompt(RowPlace place, ObjectNode fields) {
    return FieldParser.given(fields, "prompt")
        ? FieldParser.prompt(place, fields.get("prompt"))
        : List.of();
  }

  private static ScoreItem conversation(RowPlace place, List<Message> turns) {
    if (turns.isEmpty()) {
      throw new InvalidInputException(place + ": the conversation has no turns");
    }
    for (Message turn : turns) {
      if (turn.content() == null) {
        throw new InvalidInputException(place + ": " + DropReason.NOT_TEXT.sentence());
      }
      if (!FieldParser.isUnicode(turn.content())) {
        throw new InvalidInputException(place + ": " + DropReason.INVALID_UNICODE.sentence());
      }
    }
    return new ScoreItem.Conversation(turns);
  }
}
