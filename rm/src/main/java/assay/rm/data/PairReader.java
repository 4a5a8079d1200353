package assay.rm.data;

import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import java.util.List;
import java.util.Optional;

/** What a kind of reward model reads for a pair of conversations. */
public interface PairReader {
  /**
   * The two sequences of a pair.
   *
   * @param chosenIsLonger whether the better answer has more tokens than the worse one
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  record Sides(int[] chosen, int[] rejected, boolean chosenIsLonger) {}

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

  /**
   * Each conversation by itself.
   *
   * @param encoder empty for a model without tokenizer files, which can read id rows only
   */
  static PairReader conversations(Optional<? extends ConversationEncoder> encoder) {
    return new PairReader() {
      @Override
      public Sides encode(List<Message> prompt, List<Message> chosen, List<Message> rejected) {
        int[] chosenIds = encoder.orElseThrow().encode(chosen);
        int[] rejectedIds = encoder.orElseThrow().encode(rejected);
        return new Sides(chosenIds, rejectedIds, chosenIds.length > rejectedIds.length);
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
