package assay.rm.text;

import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tokens of a {@code tokenizer.json} by id. The file is read as a stream, and its merges, which
 * are most of it, are passed over.
 */
final class Vocabulary {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** A token that was added to the model's own vocabulary. */
  private record Added(int id, String content, boolean special) {}

  private final Path file;
  private final Map<String, Integer> ids = new HashMap<>();
  private final List<String> tokens = new ArrayList<>();
  private final SortedMap<Integer, String> special = new TreeMap<>();
  private String unknownToken;
  private boolean byteFallback;

  private Vocabulary(Path file) {
    this.file = file;
  }

  /**
   * @param file for error messages
   * @throws InvalidInputException if the text is not that of a tokenizer.json
   */
  static Vocabulary parse(Path file, String text) {
    Vocabulary vocabulary = new Vocabulary(file);
    try (JsonParser json = MAPPER.createParser(text)) {
      json.nextToken();
      vocabulary.readFile(json);
    } catch (JacksonException e) {
      throw new InvalidInputException(file + ": is not a tokenizer: " + e.getOriginalMessage(), e);
    }
    if (vocabulary.ids.isEmpty()) {
      throw new InvalidInputException(
          file + ": is not a tokenizer: 'model.vocab' is missing or empty");
    }
    return vocabulary;
  }

  private void readFile(JsonParser json) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidInputException(file + ": is not a tokenizer: expected a JSON object");
    }
    List<Added> added = new ArrayList<>();
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("model") && value == JsonToken.START_OBJECT) {
        readModel(json);
      } else if (name.equals("added_tokens") && value == JsonToken.START_ARRAY) {
        while (json.nextToken() == JsonToken.START_OBJECT) {
          added.add(readAdded(json));
        }
      } else {
        json.skipChildren();
      }
    }
    // They come first in the file, but an id that the model has as well is theirs.
    for (Added token : added) {
      add(token.content(), token.id());
      if (token.special()) {
        special.put(token.id(), token.content());
      }
    }
  }

  private void readModel(JsonParser json) {
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "vocab" -> readVocabulary(json);
        case "unk_token" ->
            unknownToken = value == JsonToken.VALUE_STRING ? json.getString() : null;
        case "byte_fallback" -> byteFallback = value == JsonToken.VALUE_TRUE;
        default -> json.skipChildren();
      }
    }
  }

  /** An object from token to id or, in Unigram models, a list of tokens and their scores. */
  private void readVocabulary(JsonParser json) {
    if (json.currentToken() == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String token = json.currentName();
        json.nextToken();
        add(token, json.getIntValue());
      }
    } else if (json.currentToken() == JsonToken.START_ARRAY) {
      for (int id = 0; json.nextToken() == JsonToken.START_ARRAY; id++) {
        json.nextToken();
        add(json.getString(), id);
        while (json.nextToken() != JsonToken.END_ARRAY) {
          json.skipChildren();
        }
      }
    }
  }

  private static Added readAdded(JsonParser json) {
    int id = -1;
    String content = "";
    boolean special = false;
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      switch (name) {
        case "id" -> id = json.getIntValue();
        case "content" -> content = json.getString();
        case "special" -> special = value == JsonToken.VALUE_TRUE;
        default -> json.skipChildren();
      }
    }
    return new Added(id, content, special);
  }

  private void add(String token, int id) {
    if (id < 0 || id > 10_000_000) {
      throw new InvalidInputException(file + ": the token '" + token + "' has the id " + id);
    }
    ids.put(token, id);
    while (tokens.size() <= id) {
      tokens.add("");
    }
    tokens.set(id, token);
  }

  /** One more than the highest id. */
  int size() {
    return tokens.size();
  }

  OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** The token of an id as the file writes it; empty if there is none. */
  String token(int id) {
    return id >= 0 && id < tokens.size() ? tokens.get(id) : "";
  }

  /** The tokens that are no text, by id. */
  SortedMap<Integer, String> special() {
    return Collections.unmodifiableSortedMap(special);
  }

  /**
   * The unknown token, if no text can give it: every byte has a token of its own that is used for
   * what the vocabulary lacks.
   */
  Optional<PadToken.Existing> unreachableUnknown() {
    for (int b = 0; b < 256; b++) {
      if (!ids.containsKey(String.format("<0x%02X>", b))) {
        return Optional.empty();
      }
    }
    return byteFallback && unknownToken != null && ids.containsKey(unknownToken)
        ? Optional.of(new PadToken.Existing(ids.get(unknownToken), unknownToken))
        : Optional.empty();
  }
}
