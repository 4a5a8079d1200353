package assay.rm.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;

/**
 * The token that a saved model names as its padding.
 *
 * <p>Assay never pads, but others do, and many find the end of a text as the last token that is not
 * padding. If the padding is also a token of the text, such as the one that ends a turn, they read
 * the reward one token early, or at the first turn's end, without any error. So a model is saved
 * with a pad token that no text contains.
 */
public sealed interface PadToken {
  int id();

  String token();

  /** A token that the vocabulary has. */
  record Existing(int id, String token) implements PadToken {}

  /** A token to be added to the vocabulary; its embedding is a row of zeros. */
  record Added(int id, String token) implements PadToken {}

  /**
   * What the choice depends on.
   *
   * @param current the pad token that the checkpoint has
   * @param endpoints ids of all BOS and EOS tokens, of the config as of the tokenizer
   * @param templateIds ids that occur in the chat template's output
   * @param specialTokens the vocabulary's markers by id
   * @param unreachableUnknown an unknown token that no text gives, as in tokenizers that fall back
   *     on bytes
   * @param vocabularySize one more than the tokenizer's highest id
   * @param rows of the model's embedding
   */
  record Situation(
      OptionalInt current,
      Set<Integer> endpoints,
      Set<Integer> templateIds,
      SortedMap<Integer, String> specialTokens,
      Optional<Existing> unreachableUnknown,
      int vocabularySize,
      int rows) {
    private boolean allows(int id) {
      return id < rows && !endpoints.contains(id) && !templateIds.contains(id);
    }

    /** A marker with a row in the embedding that ends nothing and stands in no template. */
    private Optional<PadToken> usable(int id) {
      String token = specialTokens.get(id); // a token that is no marker is text
      return token != null && allows(id) ? Optional.of(new Existing(id, token)) : Optional.empty();
    }
  }

  /**
   * The current token if no text contains it; else a pad or reserved token of the vocabulary; else
   * an unknown token that no text gives; else a new one.
   */
  static PadToken choose(Situation situation) {
    List<Integer> candidates = new ArrayList<>();
    situation.current().ifPresent(candidates::add);
    SortedMap<Integer, String> markers = situation.specialTokens();
    markers.keySet().stream().filter(id -> isPad(markers.get(id))).forEach(candidates::add);
    markers.keySet().stream().filter(id -> isReserved(markers.get(id))).forEach(candidates::add);
    for (int id : candidates) {
      Optional<PadToken> usable = situation.usable(id);
      if (usable.isPresent()) {
        return usable.get();
      }
    }
    Optional<Existing> unknown = situation.unreachableUnknown();
    if (unknown.isPresent() && situation.allows(unknown.get().id())) {
      return unknown.get();
    }
    String name = "[PAD]";
    while (markers.containsValue(name)) {
      name = "[" + name + "]";
    }
    return new Added(situation.vocabularySize(), name);
  }

  /** {@code <pad>}, {@code [PAD]}, {@code <|finetune_right_pad_id|>}; not the pads of images. */
  private static boolean isPad(String token) {
    String name = token.toLowerCase(Locale.ROOT);
    return name.contains("pad")
        && List.of("image", "vision", "video", "audio", "fim", "media").stream()
            .noneMatch(name::contains);
  }

  /** {@code <|reserved_special_token_0|>}, {@code <unused0>}. */
  private static boolean isReserved(String token) {
    String name = token.toLowerCase(Locale.ROOT);
    return name.contains("reserved") || name.contains("unused");
  }
}
