package assay.rm.data;

import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** What a kind of reward model reads for a pair of conversations. */
public interface PairReader {
  /**
   * The two sequences of a pair.
   *
   * @param chosenLength tokens of the better answer; who does not know where an answer begins
   *     counts from where the sides differ
   * @param rejectedLength tokens of the worse answer, likewise
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  record Sides(int[] chosen, int[] rejected, int chosenLength, int rejectedLength) {
    /** Whose answers begin where the sides differ. */
    public Sides(int[] chosen, int[] rejected) {
      this(chosen, rejected, PreferencePair.sharedPrefix(chosen, rejected));
    }

    private Sides(int[] chosen, int[] rejected, int shared) {
      this(chosen, rejected, chosen.length - shared, rejected.length - shared);
    }
  }

  /**
   * Encodes a pair.
   *
   * @param prompt the turns that both begin with
   * @param chosen prompt and better answer
   * @param rejected prompt and worse answer
   * @throws assay.tensor.InvalidInputException if the template refuses the conversations
   */
  Sides encode(List<Message> prompt, List<Message> chosen, List<Message> rejected);

  /** Why a pair cannot be read, as far as it shows before tokenizing. */
  default Optional<DropReason> fault(
      List<Message> prompt, List<Message> chosen, List<Message> rejected) {
    return Optional.empty();
  }

  /** Why no row of texts can be read; empty if they can. */
  Optional<String> faultOfTexts();

  /** Why no row of token ids can be read; empty if they can, each list being one sequence. */
  Optional<String> faultOfTokenIds();

  /** Looks at the tokens of a pair, cut to their length. */
  interface TokenCheck {
    /**
     * Why they cannot be read.
     *
     * @throws assay.tensor.InvalidInputException if no pair of this kind can
     */
    Optional<DropReason> fault(RowPlace place, int[] chosen, int[] rejected);
  }

  /** Why a pair's tokens cannot be read, as they are after truncation. */
  default TokenCheck tokenCheck() {
    return (place, chosen, rejected) -> Optional.empty();
  }

  /**
   * Each conversation by itself.
   *
   * @param encoder empty for a model without tokenizer files, which can read id rows only
   */
  static PairReader conversations(Optional<? extends ConversationEncoder> encoder) {
    return conversations(encoder, (place, chosen, rejected) -> Optional.empty());
  }

  /** As {@link #conversations(Optional)}, for a model that must find something in them. */
  static PairReader conversations(
      Optional<? extends ConversationEncoder> encoder, TokenCheck tokenCheck) {
    return conversations(encoder, tokenCheck, Optional.empty());
  }

  /**
   * As {@link #conversations(Optional)}, for a training that needs the answers' lengths.
   *
   * @param numTokens of an answer's text
   */
  static PairReader measuredConversations(
      Optional<? extends ConversationEncoder> encoder, ToIntFunction<String> numTokens) {
    return conversations(
        encoder, (place, chosen, rejected) -> Optional.empty(), Optional.of(numTokens));
  }

  private static PairReader conversations(
      Optional<? extends ConversationEncoder> encoder,
      TokenCheck tokenCheck,
      Optional<ToIntFunction<String>> numTokens) {
    return new PairReader() {
      @Override
      public Sides encode(List<Message> prompt, List<Message> chosen, List<Message> rejected) {
        int[] chosenIds = encoder.orElseThrow().encode(chosen);
        int[] rejectedIds = encoder.orElseThrow().encode(rejected);
        if (numTokens.isEmpty()) {
          return new Sides(chosenIds, rejectedIds);
        }
        return new Sides(
            chosenIds,
            rejectedIds,
            numTokens.get().applyAsInt(chosen.getLast().content()),
            numTokens.get().applyAsInt(rejected.getLast().content()));
      }

      @Override
      public TokenCheck tokenCheck() {
        return tokenCheck;
      }

      @Override
      public Optional<String> faultOfTexts() {
        return encoder.isPresent()
            ? Optional.empty()
            : Optional.of(
                "text needs a tokenizer, and the model's folder has none; it can only take rows of"
                    + " chosen_ids and rejected_ids");
      }

      @Override
      public Optional<String> faultOfTokenIds() {
        return Optional.empty();
      }
    };
  }
}
