package assay.rm.data;

import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One thing to be scored: it becomes one sequence of tokens and gets one reward. */
public sealed interface ScoreItem {
  /** A conversation; it goes through the chat template. */
  record Conversation(List<Message> turns) implements ScoreItem {
    public Conversation {
      turns = List.copyOf(turns);
    }
  }

  /**
   * An answer given step by step. To a model that does not read steps it is a conversation, whose
   * answer has a line for each.
   */
  record Steps(List<Message> prompt, List<String> steps) implements ScoreItem {
    public Steps {
      prompt = List.copyOf(prompt);
      steps = List.copyOf(steps);
    }

    public Conversation conversation() {
      List<Message> turns = new ArrayList<>(prompt);
      turns.add(new Message("assistant", String.join("\n", steps)));
      return new Conversation(turns);
    }
  }

  /** A text that is taken as it is. */
  record Text(String text) implements ScoreItem {}

  /** Token ids that are taken as they are: nothing is added or cut. */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  record TokenIds(int[] ids) implements ScoreItem {}

  /**
   * The tokens to be scored.
   *
   * @param encoder empty for a model without tokenizer files, which can score ids only
   * @throws InvalidInputException if the template refuses the conversation or nothing is left
   */
  default int[] encode(Optional<ConversationEncoder> encoder) {
    int[] ids =
        switch (this) {
          case TokenIds given -> given.ids();
          case Text verbatim -> require(encoder).encodeText(verbatim.text());
          case Steps steps -> steps.conversation().encode(encoder);
          case Conversation conversation -> require(encoder).encode(conversation.turns());
        };
    if (ids.length == 0) {
      throw new InvalidInputException("there is no token to read a score at");
    }
    return ids;
  }

  private static ConversationEncoder require(Optional<ConversationEncoder> encoder) {
    return encoder.orElseThrow(
        () ->
            new InvalidInputException(
                "text needs a tokenizer, and the model's folder has none; give token ids"));
  }
}
