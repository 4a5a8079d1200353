package assay.rm.data;

import java.util.Locale;

/**
 * Why a pair is not used. A row is counted under the first reason that applies, in the order they
 * stand here; every row that is read is either used or counted under one of them.
 */
public enum DropReason {
  NO_TURNS("chosen or rejected is null or an empty list"),
  NOT_TEXT("a turn holds something other than text, such as an image"),
  EMPTY_CONTENT("a turn has no text"),
  INVALID_UNICODE("a text holds half of a surrogate pair, which is not a character"),
  UNKNOWN_ROLE("a turn's role is none of " + Roles.NAMES),
  LAST_TURN_NOT_ASSISTANT("the last turn is not the assistant's"),
  NO_PROMPT("no turn stands before the answer"),
  ROLES_NOT_ALTERNATING("user and assistant do not take turns, beginning with the user"),
  DIFFERENT_PROMPTS("chosen and rejected differ before the answer"),
  SAME_TEXT("chosen and rejected are the same text"),
  NON_FINITE_MARGIN("the margin is not a finite number"),
  NOT_ONE_TURN("an answer is not one turn, and a comparison is of two answers of one turn each"),
  TEMPLATE_REFUSED("the chat template refuses the conversation"),
  NO_TOKENS("a side has no tokens"),
  TOKEN_ID_OUT_OF_RANGE("a token id is negative or not in the model's vocabulary"),
  TOO_LONG("a side has more than max_length tokens"),
  SAME_TOKENS("chosen and rejected have the same tokens, perhaps only once they are truncated"),
  DIFFERENT_QUESTIONS("the sides' last questions differ, and the gate reads one for both answers"),
  HELD_OUT_PROMPT("an unlabelled pair's prompt stands among those to evaluate on"),
  NOT_JUDGED("the labelling model cannot judge the pair"),
  NOT_CONFIDENT("the labelling model is not confident enough which answer is the better one");

  private final String sentence;

  DropReason(String sentence) {
    this.sentence = sentence;
  }

  /** What is wrong, to be read after "the row was dropped because". */
  public String sentence() {
    return sentence;
  }

  /** The name in data.json: {@code too_long}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
