package assay.rm.text;

import java.util.List;

/** Turns a conversation into the token ids that a model reads: template, tokenizer, one BOS. */
public interface ConversationEncoder {
  /**
   * The ids of the whole conversation, at least one; the reward is read at the last.
   *
   * @throws assay.tensor.InvalidInputException if the template refuses the conversation, or there
   *     is no template
   */
  int[] encode(List<Message> conversation);

  /**
   * The ids of a text taken as it is, at least one: BOS once if the tokenizer's post-processor adds
   * one, and no EOS.
   */
  int[] encodeText(String text);
}
