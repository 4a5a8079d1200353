package assay.rm;

import assay.nn.checkpoint.ModelConfig;
import assay.rm.text.ConversationEncoder;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The tokens between the last question and its answer, such as {@code
 * <|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n}. The gate reads the state of their
 * first token: it has seen the whole prompt and nothing of the answer.
 *
 * @param tokens at least one
 */
public record GatePattern(List<Integer> tokens) {
  private static final GatePattern LLAMA3 = of(128009, 128006, 78191, 128007, 271);
  private static final GatePattern GEMMA2 = of(107, 108, 106, 2516, 108);

  public GatePattern {
    tokens = List.copyOf(tokens);
    if (tokens.isEmpty()) {
      throw new IllegalArgumentException("a gate pattern without tokens");
    }
  }

  public static GatePattern of(int... tokens) {
    return new GatePattern(Arrays.stream(tokens).boxed().toList());
  }

  /**
   * The pattern of the published checkpoints, which do not write it down, by their family and size
   * of vocabulary.
   */
  static Optional<GatePattern> published(ModelConfig config) {
    int vocabSize = config.transformer().vocabSize();
    return switch (config.family()) {
      case LLAMA -> vocabSize >= 128256 ? Optional.of(LLAMA3) : Optional.empty();
      case GEMMA2 -> Optional.of(GEMMA2);
      default -> Optional.empty();
    };
  }

  /**
   * Finds the pattern of a chat template by trying it out: two questions show the tokens that
   * follow any question, two answers those that stand before any answer, and what both have in
   * common is the pattern.
   *
   * @throws InvalidInputException if there is nothing between question and answer
   */
  public static GatePattern derive(ConversationEncoder encoder) {
    int[] first = encoder.encode(turns("Which one?", "Apples."));
    int[] otherQuestion = encoder.encode(turns("Say 7", "Apples."));
    int[] otherAnswer = encoder.encode(turns("Which one?", "Beans!"));
    int answerStart = Arrays.mismatch(first, otherAnswer);
    int questionEnd = first.length - commonEnd(first, otherQuestion);
    if (answerStart <= questionEnd) {
      throw new InvalidInputException(
          "the chat template puts no token of its own between a question and its answer, so the"
              + " gate has none to read; set armorm.gating_token_pattern");
    }
    return of(Arrays.copyOfRange(first, questionEnd, answerStart));
  }

  private static List<Message> turns(String question, String answer) {
    return List.of(new Message("user", question), new Message("assistant", answer));
  }

  private static int commonEnd(int[] a, int[] b) {
    int common = 0;
    while (common < Math.min(a.length, b.length)
        && a[a.length - 1 - common] == b[b.length - 1 - common]) {
      common++;
    }
    return common;
  }

  /**
   * Where the pattern last begins: an earlier one stands before an earlier answer.
   *
   * @return the index of its first token, or -1
   */
  public int lastIndexIn(int[] ids) {
    for (int start = ids.length - tokens.size(); start >= 0; start--) {
      if (isAt(ids, start)) {
        return start;
      }
    }
    return -1;
  }

  /**
   * As {@link #lastIndexIn}, for a text that must have one.
   *
   * @param place of the text, for the message: its {@code toString}
   */
  public int require(int[] ids, Object place) {
    int index = lastIndexIn(ids);
    if (index < 0) {
      throw new InvalidInputException(
          place
              + ": the tokens before the answer, "
              + tokens
              + ", are not among its "
              + ids.length
              + ", so the gate has no token to read. Is it a question and an answer in this model's"
              + " chat template, and was nothing cut off? A line break at the answer's start can make"
              + " one token with the template's last. (config.json: gating_token_pattern)");
    }
    return index;
  }

  private boolean isAt(int[] ids, int start) {
    for (int i = 0; i < tokens.size(); i++) {
      if (ids[start + i] != tokens.get(i)) {
        return false;
      }
    }
    return true;
  }
}
