package assay.rm.data;

import assay.tensor.InvalidInputException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;

/** One JSON array of objects, read element by element. */
final class JsonArrayReader implements RowReader {
  /** More text follows an element, so what follows it is no error. */
  private static final ObjectReader ELEMENT =
      Json.MAPPER.readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final String name;
  private final InputStream in;
  private final JsonParser parser;
  private long row;
  private boolean ended;

  JsonArrayReader(String name, InputStream in) {
    this.name = name;
    this.in = in;
    // The decoder reports broken bytes instead of replacing them.
    this.parser =
        Json.MAPPER.createParser(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
    parse(parser::nextToken);
  }

  @Override
  public Optional<Row> next() {
    if (ended) {
      return Optional.empty();
    }
    row++;
    if (parse(parser::nextToken) == JsonToken.END_ARRAY) {
      ended = true;
      if (parse(parser::nextToken) != null) {
        throw new InvalidInputException(name + ": there is text after the array's end");
      }
      return Optional.empty();
    }
    RowPlace place = new RowPlace(name, RowPlace.Unit.ROW, row);
    JsonNode node = parse(() -> ELEMENT.readValue(parser));
    if (node instanceof ObjectNode fields) {
      return Optional.of(new Row(place, fields));
    }
    throw new InvalidInputException(
        place + ": expected an array of JSON objects, found " + Json.describe(node));
  }

  private interface Step<T> {
    T run();
  }

  private <T> T parse(Step<T> step) {
    try {
      return step.run();
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new InvalidInputException(
          "%s: row %d (line %d): not valid JSON: %s".formatted(name, row, line, Json.complaint(e)),
          e);
    }
  }

  @Override
  public void close() {
    RowFiles.close(name, in);
  }
}
