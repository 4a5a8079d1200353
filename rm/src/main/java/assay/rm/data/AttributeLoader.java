package assay.rm.data;

import assay.rm.recipe.Recipe.TooLong;
import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads texts with ratings: rows of {@code messages}, of {@code prompt} and {@code response} or of
 * {@code input_ids}, and beside them a field for each attribute, a number or null. A row that rates
 * none of the attributes is left out.
 */
public final class AttributeLoader {
  private final Optional<ConversationEncoder> encoder;
  private final List<String> attributes;
  private final int maxLength;
  private final TooLong tooLong;
  private final int vocabularySize;
  private final TreeSet<String> numericFields = new TreeSet<>();
  private final Map<String, Long> dropped = new LinkedHashMap<>();
  private final List<AttributeRow> rows = new ArrayList<>();

  /**
   * The rows of some files, in their order.
   *
   * @param dropped rows that are not used, by reason
   */
  public record Loaded(List<AttributeRow> rows, Map<String, Long> dropped) {}

  private AttributeLoader(
      Optional<ConversationEncoder> encoder,
      List<String> attributes,
      int maxLength,
      TooLong tooLong,
      int vocabularySize) {
    this.encoder = encoder;
    this.attributes = attributes;
    this.maxLength = maxLength;
    this.tooLong = tooLong;
    this.vocabularySize = vocabularySize;
  }

  /**
   * Reads the files that paths and globs name.
   *
   * @param key of the recipe, which names the attributes
   * @param encoder empty for a model without tokenizer files, which can read id rows only
   * @param maxLength the most tokens a text may have; exactly as many fit
   * @throws InvalidInputException if a row cannot be parsed, or no row rates one of the attributes
   */
  public static Loaded load(
      List<String> patterns,
      String key,
      Optional<ConversationEncoder> encoder,
      List<String> attributes,
      int maxLength,
      TooLong tooLong,
      int vocabularySize) {
    AttributeLoader loader =
        new AttributeLoader(encoder, attributes, maxLength, tooLong, vocabularySize);
    for (Path file : RowFiles.find(patterns)) {
      try (RowReader reader = RowFiles.open(file)) {
        for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
          loader.take(row.get());
        }
      }
    }
    loader.requireRatings(patterns, key);
    return new Loaded(loader.rows, loader.dropped);
  }

  private void take(Row row) {
    if (!(ScoreRow.parse(row) instanceof ScoreRow.Single single)) {
      throw new InvalidInputException(
          row.place()
              + ": expected one text with its ratings: messages, or prompt and response, or"
              + " input_ids");
    }
    float[] ratings = ratings(row.place(), single.passThrough());
    if (areNaN(ratings)) {
      drop("no attribute is rated");
      return;
    }
    int[] ids;
    try {
      ids = single.item().encode(encoder);
    } catch (InvalidInputException e) {
      drop("cannot be encoded: " + e.getMessage());
      return;
    }
    checkIds(row.place(), ids);
    if (ids.length > maxLength && tooLong == TooLong.DROP) {
      drop("has more than max_length tokens");
      return;
    }
    if (ids.length > maxLength && tooLong == TooLong.ERROR) {
      throw new InvalidInputException(
          row.place() + ": " + ids.length + " tokens, more than data.max_length " + maxLength);
    }
    int[] kept = tooLong.truncate(ids, maxLength);
    rows.add(new AttributeRow(kept, ratings, promptHash(single), row.place()));
  }

  private void drop(String reason) {
    dropped.merge(reason, 1L, Long::sum);
  }

  private float[] ratings(RowPlace place, ObjectNode fields) {
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      if (field.getValue().isNumber()) {
        numericFields.add(field.getKey());
      }
    }
    float[] ratings = new float[attributes.size()];
    for (int k = 0; k < ratings.length; k++) {
      JsonNode node = fields.get(attributes.get(k));
      if (node != null && !node.isNull() && !node.isNumber()) {
        throw new InvalidInputException(
            place
                + ": "
                + attributes.get(k)
                + ": expected a rating or null, found "
                + Json.describe(node));
      }
      double rating = node == null || node.isNull() ? Double.NaN : node.numberValue().doubleValue();
      ratings[k] = Double.isFinite(rating) ? (float) rating : Float.NaN;
    }
    return ratings;
  }

  private static boolean areNaN(float[] values) {
    for (float value : values) {
      if (!Float.isNaN(value)) {
        return false;
      }
    }
    return true;
  }

  private void checkIds(RowPlace place, int[] ids) {
    for (int id : ids) {
      if (id < 0 || id >= vocabularySize) {
        throw new InvalidInputException(
            place + ": token id " + id + "; the model's vocabulary has " + vocabularySize);
      }
    }
  }

  private static long promptHash(ScoreRow.Single row) {
    if (row.item() instanceof ScoreItem.Steps steps) {
      return TextHash.of(steps.prompt());
    }
    if (row.item() instanceof ScoreItem.Conversation conversation) {
      List<Message> turns = conversation.turns();
      return TextHash.of(turns.subList(0, turns.size() - 1));
    }
    int[] ids = row.item().encode(Optional.empty());
    return TextHash.of(ids, ids.length); // where the prompt ends is not known
  }

  private void requireRatings(List<String> patterns, String key) {
    for (int k = 0; k < attributes.size(); k++) {
      int attribute = k;
      if (rows.stream().allMatch(row -> Float.isNaN(row.ratings()[attribute]))) {
        throw new InvalidInputException(
            key
                + ": of the "
                + rows.size()
                + " usable rows of "
                + String.join(", ", patterns)
                + " none rates '"
                + attributes.get(k)
                + "'; dropped rows: "
                + dropped
                + ", fields with numbers: "
                + String.join(", ", numericFields));
      }
    }
  }
}
