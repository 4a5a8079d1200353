package assay.rm.judge;

import assay.rm.text.Message;
import java.util.List;

/**
 * One question to a judge.
 *
 * @param conversation system turn and user turn, or the latter alone
 * @param form of the verdict
 * @param seed of what is drawn for the reply
 */
public record Question(List<Message> conversation, VerdictForm form, long seed) {
  public Question {
    conversation = List.copyOf(conversation);
  }
}
