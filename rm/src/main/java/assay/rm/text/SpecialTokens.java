package assay.rm.text;

import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens that a tokenizer gives a role, as text. Templates read them by the same names.
 *
 * @param byName {@code bos_token}, {@code eos_token}, ...; only those that the model has
 */
public record SpecialTokens(Map<String, String> byName) {
  private static final List<String> NAMES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  public SpecialTokens {
    byName = Map.copyOf(byName);
  }

  /**
   * From {@code tokenizer_config.json} and, for what is not there, {@code special_tokens_map.json}
   * of older checkpoints.
   */
  public static SpecialTokens load(Path folder) {
    Map<String, String> tokens = new LinkedHashMap<>();
    for (String name : List.of("tokenizer_config.json", "special_tokens_map.json")) {
      Path file = folder.resolve(name);
      Map<String, Object> fields = JsonFile.readIfPresent(file);
      for (String token : NAMES) {
        Object value = fields.get(token);
        if (value != null) {
          tokens.putIfAbsent(token, content(file, token, value));
        }
      }
    }
    return new SpecialTokens(tokens);
  }

  /** A token is written as a string, or as an object with its properties. */
  private static String content(Path file, String name, Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Map<?, ?> object && object.get("content") instanceof String text) {
      return text;
    }
    throw new InvalidInputException(
        file + ": '" + name + "' must be a string, or an object with a string 'content'");
  }

  /** The token of a name such as {@code eos_token}, or null if the model has none. */
  public String get(String name) {
    return byName.get(name);
  }
}
