package assay.rm.text;

import assay.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.List;

/**
 * What a pairwise preference model reads: a question about two answers, as one user turn, to be
 * answered by the token A or the token B (Dong et al. 2024, RLHF Workflow, section 2.2).
 *
 * <pre>
 * [CONTEXT]
 *
 * &lt;turn&gt; user
 *  What is 2+2?
 *  [RESPONSE A] 4 [RESPONSE B] 5
 * </pre>
 *
 * <p>Training and scoring read the same token, the last: after it comes the answer. The system this
 * follows trains after the assistant's header, but scores after the user's turn, where many a
 * template puts no header; {@link Position#USER_TURN} does the same.
 */
public final class ComparisonEncoder {
  /** Where the answer is read. */
  public enum Position {
    /** At the end of the header that opens the assistant's turn. */
    GENERATION_PROMPT,
    /** At the end of the user's turn, in a text without BOS, as RLHFlow's scripts have it. */
    USER_TURN
  }

  /** The ids of the two answers. */
  public record AnswerTokens(int a, int b) {}

  private final TextEncoder encoder;
  private final Position position;
  private final AnswerTokens answers;

  public ComparisonEncoder(TextEncoder encoder, Position position, AnswerTokens answers) {
    this.encoder = encoder;
    this.position = position;
    this.answers = answers;
  }

  /**
   * The tokens of the texts A and B.
   *
   * @throws InvalidInputException if the tokenizer needs more than one token for either
   */
  public static AnswerTokens findAnswers(Tokenizer tokenizer) {
    return new AnswerTokens(singleToken(tokenizer, "A"), singleToken(tokenizer, "B"));
  }

  private static int singleToken(Tokenizer tokenizer, String letter) {
    int[] ids = tokenizer.encode(letter, false);
    if (ids.length != 1) {
      List<String> pieces = Arrays.stream(ids).mapToObj(tokenizer::token).toList();
      throw new InvalidInputException(
          "%s: '%s' is not one token but %d: %s; a pairwise preference model answers with one"
                  .formatted(tokenizer.file(), letter, ids.length, String.join(" ", pieces))
              + " token. Take another model, or name two tokens of this vocabulary in the recipe:"
              + " pairwise: {answer_tokens: [A, B]}");
    }
    return ids[0];
  }

  /**
   * The ids of two tokens given as the vocabulary writes them.
   *
   * @throws InvalidInputException if the vocabulary does not have them, or they are the same
   */
  public static AnswerTokens namedAnswers(Tokenizer tokenizer, String a, String b) {
    if (a.equals(b)) {
      throw new InvalidInputException(
          "pairwise.answer_tokens: '" + a + "' twice; the two answers need two tokens");
    }
    return new AnswerTokens(namedToken(tokenizer, a), namedToken(tokenizer, b));
  }

  private static int namedToken(Tokenizer tokenizer, String token) {
    return tokenizer
        .id(token)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "pairwise.answer_tokens: there is no token '%s' in %s"
                        .formatted(token, tokenizer.file())));
  }

  /**
   * The turns before the answers, each under a line that says whose it is.
   *
   * @param position with {@link Position#USER_TURN} turns are the user's and the assistant's by
   *     turns, whatever their roles
   */
  static String context(List<Message> turns, Position position) {
    StringBuilder text = new StringBuilder("\n");
    for (int i = 0; i < turns.size(); i++) {
      String role = turns.get(i).role();
      if (position == Position.USER_TURN) {
        role = i % 2 == 0 ? "user" : "assistant";
      }
      text.append("\n<turn> ").append(role).append("\n ").append(turns.get(i).content());
    }
    return text.append("\n").toString();
  }

  /** The question: which of two answers to a context is the better one. */
  public Message question(List<Message> context, String responseA, String responseB) {
    String text =
        "[CONTEXT] %s [RESPONSE A] %s [RESPONSE B] %s \n"
            .formatted(context(context, position), responseA, responseB);
    return new Message("user", text);
  }

  /** The question as the model reads it, its template around it. */
  public String render(Message question) {
    List<Message> conversation = List.of(question);
    return position == Position.GENERATION_PROMPT
        ? encoder.renderForReply(conversation)
        : encoder.render(conversation);
  }

  /** The tokens of a rendered question; the answer is read at the last. */
  public int[] encode(String rendered) {
    return position == Position.GENERATION_PROMPT
        ? encoder.encodeText(rendered)
        : encoder.encodeWithoutBos(rendered);
  }

  /** How many tokens an answer has by itself. */
  public int length(String response) {
    return encoder.tokenizer().encode(response, false).length;
  }

  /**
   * What the assistant's turn has after its answer: the tokens that end it.
   *
   * @throws InvalidInputException if the turn is not the header, the answer and such tokens
   */
  public int[] turnEnd() {
    Message question = question(List.of(new Message("user", "u")), "a", "b");
    int[] asked = encode(render(question));
    int[] end = turnEnd(asked, answered(question, "A"), answers.a());
    if (end == null || !Arrays.equals(end, turnEnd(asked, answered(question, "B"), answers.b()))) {
      throw new InvalidInputException(
          encoder.tokenizer().file()
              + ": with this chat template the assistant's turn is not the generation prompt, the"
              + " token of A or B, and an end, so its other tokens cannot be trained on; use"
              + " pairwise: {loss: answer}");
    }
    return end;
  }

  /** What follows on the question and the answer's token; null if those are not there. */
  private static int[] turnEnd(int[] asked, int[] answered, int answer) {
    int length = asked.length;
    boolean fits =
        answered.length > length
            && Arrays.equals(answered, 0, length, asked, 0, length)
            && answered[length] == answer;
    return fits ? Arrays.copyOfRange(answered, length + 1, answered.length) : null;
  }

  private int[] answered(Message question, String letter) {
    return encode(encoder.render(List.of(question, new Message("assistant", letter))));
  }

  public Position position() {
    return position;
  }

  public AnswerTokens answers() {
    return answers;
  }
}
