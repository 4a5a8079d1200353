package assay.rm.data;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A training row as its file has it, before any filter. */
sealed interface PairRow {
  RowPlace place();

  double margin();

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
      String source,
      String id)
      implements PairRow {}

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
    return new Conversations(place, prompt, hasPrompt, chosen, rejected, margin, source, id);
  }
}
