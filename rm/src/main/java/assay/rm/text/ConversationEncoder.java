package assay.rm.text;

import java.util.List;

/** Turns a conversation into the token ids that a model reads: template, tokenizer, one BOS. */
public interface ConversationEncoder {
  /**
   * The ids of the whole conversation; the reward is read at the last one.
   *
   * @throws assay.tensor.InvalidInputException if the template refuses the conversation
   */
  int[] encode(List<Message> conversation);

  /** The ids of a text taken as it is: BOS once if the tokenizer's post-processor adds one. */
  int[] encodeText(String text);
}
