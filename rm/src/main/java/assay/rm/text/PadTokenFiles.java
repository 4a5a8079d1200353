package assay.rm.text;

import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a pad token into the tokenizer files of a model folder, which are changed in place. */
public final class PadTokenFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private PadTokenFiles() {}

  /**
   * Names the token in {@code tokenizer_config.json} and, where there is one, {@code
   * special_tokens_map.json}; one that is new also goes into {@code tokenizer.json}.
   *
   * @param folder with the tokenizer files; without {@code tokenizer.json} nothing is written
   * @throws InvalidInputException if a file is broken
   */
  public static void write(Path folder, PadToken pad) {
    Path tokenizer = folder.resolve(Tokenizer.FILE);
    if (!Files.exists(tokenizer)) {
      return;
    }
    Path config = folder.resolve("tokenizer_config.json");
    ObjectNode fields = Files.exists(config) ? read(config) : MAPPER.createObjectNode();
    fields.put("pad_token", pad.token());
    if (pad instanceof PadToken.Added
        && fields.get("added_tokens_decoder") instanceof ObjectNode known) {
      known.set(Integer.toString(pad.id()), MAPPER.valueToTree(properties(pad)));
    }
    write(config, fields);

    Path older = folder.resolve("special_tokens_map.json");
    if (Files.exists(older)) {
      ObjectNode tokens = read(older);
      tokens.put("pad_token", pad.token());
      write(older, tokens);
    }
    if (pad instanceof PadToken.Added) {
      addToVocabulary(tokenizer, pad);
    }
  }

  private static void addToVocabulary(Path tokenizer, PadToken pad) {
    ObjectNode fields = read(tokenizer);
    JsonNode present = fields.get("added_tokens");
    ArrayNode added = present instanceof ArrayNode array ? array : fields.putArray("added_tokens");
    Map<String, Object> token = new LinkedHashMap<>();
    token.put("id", pad.id());
    token.putAll(properties(pad));
    added.add(MAPPER.<JsonNode>valueToTree(token));
    write(tokenizer, fields);
  }

  /** A special token that is found in a text exactly as it is. */
  private static Map<String, Object> properties(PadToken pad) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("content", pad.token());
    properties.put("single_word", false);
    properties.put("lstrip", false);
    properties.put("rstrip", false);
    properties.put("normalized", false);
    properties.put("special", true);
    return properties;
  }

  private static ObjectNode read(Path file) {
    try {
      if (MAPPER.readTree(JsonFile.readText(file)) instanceof ObjectNode object) {
        return object;
      }
      throw new InvalidInputException(file + ": expected a JSON object");
    } catch (JacksonException e) {
      throw new InvalidInputException(file + ": is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static void write(Path file, ObjectNode fields) {
    try {
      Files.writeString(file, MAPPER.writeValueAsString(fields) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written", e);
    }
  }
}
