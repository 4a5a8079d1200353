package assay.nn.checkpoint;

import assay.tensor.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * Strict JSON: UTF-8 only, no duplicate keys, nothing after the value, bounded depth and size.
 *
 * <p>Values are String, Long, Double, Boolean, null, unmodifiable List and Map (in file order).
 */
public final class Json {
  /** Ten times the index of the largest public checkpoint. */
  private static final int MAX_FILE_BYTES = 100_000_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(64)
                  .maxNumberLength(64)
                  .maxNameLength(50_000)
                  .maxStringLength(16_000_000)
                  .build())
          // Kept names would outlive the file they came from.
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .build();

  private Json() {}

  /**
   * A parser of UTF-8 bytes. It is given characters, not bytes: from bytes Jackson would guess the
   * encoding, and a file that two readers decode differently must not pass.
   */
  static JsonParser parser(byte[] utf8) {
    return FACTORY.createParser(
        ObjectReadContext.empty(),
        new InputStreamReader(new ByteArrayInputStream(utf8), StandardCharsets.UTF_8.newDecoder()));
  }

  /** A generator of compact UTF-8 bytes. */
  static JsonGenerator generator(OutputStream out) {
    return FACTORY.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8);
  }

  /** What went wrong, without Jackson's own vocabulary where that says nothing to the reader. */
  static String describe(JacksonException e) {
    if (e.getCause() instanceof CharacterCodingException) {
      return "not valid UTF-8";
    }
    String message = e.getOriginalMessage().lines().findFirst().orElse("");
    return e.getLocation() == null
        ? "not acceptable JSON: " + message
        : "not valid JSON at character " + e.getLocation().getCharOffset() + ": " + message;
  }

  /** Reads a file that holds one JSON object. */
  static JsonObject readObject(Path file) {
    return parseObject(readBytes(file), file.toString());
  }

  private static byte[] readBytes(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new InvalidInputException(
            file + ": is over " + MAX_FILE_BYTES + " bytes long, too long for a JSON file here");
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read", e);
    }
  }

  /**
   * Parses one JSON object.
   *
   * @param source the file's name, for messages
   * @throws InvalidInputException if the bytes are anything else
   */
  public static JsonObject parseObject(byte[] utf8, String source) {
    try (JsonParser parser = parser(utf8)) {
      parser.nextToken();
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw new InvalidInputException(source + ": expected a JSON object");
      }
      Map<String, Object> values = objectOf(parser, source);
      if (parser.nextToken() != null) {
        throw new InvalidInputException(source + ": there is text after the JSON object");
      }
      return new JsonObject(source, "", values);
    } catch (JacksonException e) {
      throw new InvalidInputException(source + ": " + describe(e), e);
    }
  }

  private static Map<String, Object> objectOf(JsonParser parser, String source) {
    Map<String, Object> values = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      if (values.containsKey(key)) {
        throw new InvalidInputException(source + ": the key " + Quote.of(key) + " stands twice");
      }
      values.put(key, valueOf(parser, source));
    }
    return Collections.unmodifiableMap(values);
  }

  private static List<Object> arrayOf(JsonParser parser, String source) {
    List<Object> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(valueOf(parser, source));
    }
    return Collections.unmodifiableList(values);
  }

  private static Object valueOf(JsonParser parser, String source) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> objectOf(parser, source);
      case START_ARRAY -> arrayOf(parser, source);
      case VALUE_STRING -> parser.getString();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue(), source);
      default -> throw new AssertionError("not a JSON value: " + parser.currentToken());
    };
  }

  private static double finite(double value, String source) {
    if (!Double.isFinite(value)) {
      throw new InvalidInputException(source + ": a number is too large for a double");
    }
    return value;
  }
}
