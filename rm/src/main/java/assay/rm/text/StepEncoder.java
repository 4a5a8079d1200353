package assay.rm.text;

import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a reward model for reasoning reads: every step of an answer is a turn of the user, and the
 * assistant says of each + or - (Xiong et al. 2024, RLHFlow's math-rm; the labels are Lightman et
 * al.'s of 2023). The verdict is read where it is about to come.
 *
 * <pre>
 * user       What is 2 times 3, plus 4? 2 times 3 is 6.
 * assistant  +
 * user       6 plus 4 is 11.
 * assistant  -
 * </pre>
 *
 * <p>Where that is depends on the template. It is found and not assumed: a conversation is encoded
 * once with + and once with - everywhere, and where the two differ the verdicts stand. (The system
 * this follows counts three tokens from the end, which is right for one template.)
 */
public final class StepEncoder {
  private static final String GOOD = "+";
  private static final String BAD = "-";

  private final TextEncoder encoder;
  private final AnswerTokens verdicts;

  /**
   * Finds the tokens of the verdicts.
   *
   * @throws InvalidInputException if a verdict is not one token
   */
  public StepEncoder(TextEncoder encoder) {
    this.encoder = encoder;
    Message user = new Message("user", "u");
    int[] good = encode(List.of(user), GOOD);
    int[] bad = encode(List.of(user), BAD);
    int[] places = differences(good, bad);
    if (good.length != bad.length || places.length != 1) {
      throw new InvalidInputException(
          "%s: the verdicts '+' and '-' are not one token each (a turn of the one gives %s, of the"
                  .formatted(encoder.tokenizer().file(), tokens(good))
              + " other %s); take another model".formatted(tokens(bad)));
    }
    verdicts = new AnswerTokens(good[places[0]], bad[places[0]]);
  }

  private String tokens(int[] ids) {
    return String.join(" ", Arrays.stream(ids).mapToObj(encoder.tokenizer()::token).toList());
  }

  /**
   * An answer's steps in the form above, with + as every verdict.
   *
   * @param verdictAt the place of each verdict; it is read at the token before
   */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  public record Steps(int[] ids, int[] verdictAt) {
    /** The tokens up to where a verdict is about to come. */
    public int[] before(int step) {
      return Arrays.copyOf(ids, verdictAt[step]);
    }
  }

  /**
   * Puts the steps of an answer behind its prompt, the first into the prompt's last turn.
   *
   * @param prompt ends with a turn of the user
   */
  public static List<Message> turns(List<Message> prompt, List<String> steps) {
    List<Message> turns = new ArrayList<>(prompt);
    String question = turns.removeLast().content();
    turns.add(new Message("user", question + " " + steps.getFirst()));
    steps.stream().skip(1).forEach(step -> turns.add(new Message("user", step)));
    return turns;
  }

  /**
   * Encodes turns of which the last few each have a verdict.
   *
   * @param numSteps how many; they are the user's
   * @throws InvalidInputException if the template refuses them, or their verdicts cannot be told
   *     from the rest
   */
  public Steps encode(List<Message> turns, int numSteps) {
    List<Message> before = turns.subList(0, turns.size() - numSteps);
    List<Message> steps = turns.subList(turns.size() - numSteps, turns.size());
    int[] good = encode(before, steps, GOOD);
    int[] bad = encode(before, steps, BAD);
    int[] places = differences(good, bad);
    boolean found = good.length == bad.length && places.length == numSteps;
    for (int i = 0; i < places.length && found; i++) {
      found = good[places[i]] == verdicts.a() && bad[places[i]] == verdicts.b();
    }
    if (!found) {
      throw new InvalidInputException(
          "the template has other places than %d for the verdicts of as many steps"
              .formatted(numSteps));
    }
    return new Steps(good, places);
  }

  private int[] encode(List<Message> steps, String verdict) {
    return encode(List.of(), steps, verdict);
  }

  private int[] encode(List<Message> before, List<Message> steps, String verdict) {
    List<Message> conversation = new ArrayList<>(before);
    for (Message step : steps) {
      conversation.add(step);
      conversation.add(new Message("assistant", verdict));
    }
    return encoder.encode(conversation);
  }

  private static int[] differences(int[] one, int[] other) {
    int length = Math.min(one.length, other.length);
    return IntStream.range(0, length).filter(i -> one[i] != other[i]).toArray();
  }

  /** The tokens of + and -. */
  public AnswerTokens verdicts() {
    return verdicts;
  }
}
