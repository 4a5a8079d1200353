package assay.rm.data;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A training row as its file has it, before any filter. */
sealed interface PairRow {
  RowPlace place();

  double margin();

  /** The probability with which the chosen answer should be the better one. */
  default double target() {
    return 1;
  }

  String source();

  String id();

  /**
   * Two conversations.
   *
   * @param prompt the turns that are no answer: what the row calls prompt, else all turns but the
   *     last of {@code chosen}
   * @param promptGiven whether the row has a prompt; then the answers may be of several turns
   * @param chosen prompt and answer
   * @param rejected prompt and answer
   */
  record Conversations(
      RowPlace place,
      List<Message> prompt,
      boolean promptGiven,
      List<Message> chosen,
      List<Message> rejected,
      double margin,
      double target,
      String source,
      String id)
      implements PairRow {

    /** The turns after the prompt, of a row that passed the filter. */
    List<Message> chosenAnswer() {
      return chosen.subList(prompt.size(), chosen.size());
    }

    /** As {@link #chosenAnswer}. */
    List<Message> rejectedAnswer() {
      return rejected.subList(prompt.size(), rejected.size());
    }

    /** The prompt with these answers, of which the first has this probability to be better. */
    Conversations answered(List<Message> first, List<Message> second, double probability) {
      return new Conversations(
          place, prompt, true, with(first), with(second), 0, probability, source, id);
    }

    /** The same row, as if it stood in a file that is named so. */
    Conversations named(String file) {
      RowPlace renamed = new RowPlace(file, place.unit(), place.number());
      return new Conversations(
          renamed, prompt, promptGiven, chosen, rejected, margin, target, source, id);
    }

    /** The prompt with its answers, holding the prompt's texts once. */
    Conversations sharingPrompt() {
      return answered(chosenAnswer(), rejectedAnswer(), target);
    }

    /** The prompt by which pairs find each other. */
    long promptHash() {
      return TextHash.of(prompt);
    }

    private List<Message> with(List<Message> answer) {
      return Stream.concat(prompt.stream(), answer.stream()).toList();
    }
  }

  /** Two lists of token ids. */
  @SuppressWarnings("ArrayRecordComponent") // ids are read once and never compared by record
  record TokenIds(
      RowPlace place, int[] chosen, int[] rejected, double margin, String source, String id)
      implements PairRow {}

  /**
   * Tells the three kinds of rows apart. Ids come first: a row that has both was tokenized by
   * somebody who wants those tokens.
   *
   * @throws InvalidInputException if the row is of no kind, or a field of the wrong type
   */
  static PairRow parse(Row row) {
    ObjectNode fields = row.fields();
    RowPlace place = row.place();
    double margin = FieldParser.number(row, "margin", 0);
    String source = FieldParser.label(row, "source");
    String id = FieldParser.label(row, "id");
    if (FieldParser.given(fields, "chosen_ids", "rejected_ids")
        || (FieldParser.has(fields, "chosen_ids", "rejected_ids")
            && !FieldParser.has(fields, "chosen"))) {
      return new TokenIds(
          place,
          FieldParser.tokenIds(place, "chosen_ids", fields.get("chosen_ids")),
          FieldParser.tokenIds(place, "rejected_ids", fields.get("rejected_ids")),
          margin,
          source,
          id);
    }
    if (!FieldParser.has(fields, "chosen", "rejected")) {
      throw new InvalidInputException(
          place
              + ": expected chosen and rejected, or chosen_ids and rejected_ids; found "
              + String.join(", ", fields.propertyNames()));
    }
    boolean hasPrompt = FieldParser.given(fields, "prompt");
    if (!hasPrompt && (fields.get("chosen").isString() || fields.get("rejected").isString())) {
      throw new InvalidInputException(
          place + ": an answer as text needs a prompt beside it; else give lists of turns");
    }
    List<Message> given = hasPrompt ? FieldParser.prompt(place, fields.get("prompt")) : List.of();
    List<Message> chosen = FieldParser.conversation(place, given, "chosen", fields.get("chosen"));
    List<Message> rejected =
        FieldParser.conversation(place, given, "rejected", fields.get("rejected"));
    List<Message> prompt = hasPrompt ? given : chosen.subList(0, Math.max(0, chosen.size() - 1));
    return new Conversations(place, prompt, hasPrompt, chosen, rejected, margin, 1, source, id);
  }

  /**
   * A row of two answers of which none is known to be better: a prompt and two responses, or a pair
   * whose order is not believed.
   *
   * @throws InvalidInputException if the row is of neither kind, or a field of the wrong type
   */
  static Conversations parseUnlabelled(Row row) {
    ObjectNode fields = row.fields();
    RowPlace place = row.place();
    if (FieldParser.given(fields, "prompt", "responses")) {
      JsonNode responses = fields.get("responses");
      if (!responses.isArray() || responses.size() != 2) {
        throw new InvalidInputException(
            "%s: responses: expected two responses, found %s"
                .formatted(
                    place, responses.isArray() ? responses.size() : Json.describe(responses)));
      }
      ObjectNode pair = fields.deepCopy();
      pair.remove(List.of("responses", "margin", "chosen_ids", "rejected_ids"));
      pair.set("chosen", responses.get(0));
      pair.set("rejected", responses.get(1));
      return parseUnlabelled(new Row(place, pair));
    }
    if (!FieldParser.has(fields, "chosen", "rejected")) {
      throw new InvalidInputException(
          place
              + ": expected prompt and responses, or chosen and rejected, as texts or turns; found "
              + String.join(", ", fields.propertyNames()));
    }
    if (parse(row) instanceof Conversations conversations) {
      return conversations;
    }
    throw new InvalidInputException(
        place + ": unlabelled pairs are texts, since the labelling model may have other tokens");
  }
}
