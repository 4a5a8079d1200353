package assay.rm.text;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON files of a model folder. */
final class JsonFile {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonFile() {}

  /** The object in a file, its keys in the order of the file; empty if there is no such file. */
  static Map<String, Object> readIfPresent(Path file) {
    return Files.exists(file) ? parse(file, readText(file)) : Map.of();
  }

  /**
   * @throws InvalidInputException if the text is not one JSON object, with file, line and column
   */
  static Map<String, Object> parse(Path file, String text) {
    try {
      Map<String, Object> object = MAPPER.readValue(text, new TypeReference<>() {});
      if (object == null) {
        throw new InvalidInputException(file + ": expected a JSON object, found null");
      }
      return object;
    } catch (JacksonException e) {
      String place =
          e.getLocation() == null
              ? ""
              : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
      throw new InvalidInputException(
          file + place + ": not a JSON object: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * @throws InvalidInputException if the file is not UTF-8
   */
  static String readText(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + ": the text is not UTF-8", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }
}
