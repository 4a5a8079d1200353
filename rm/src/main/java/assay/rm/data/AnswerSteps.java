package assay.rm.data;

import assay.rm.text.Message;
import assay.rm.text.StepEncoder;
import assay.tensor.InvalidInputException;
import java.util.Arrays;
import java.util.List;

/**
 * The turns of an answer that is judged step by step.
 *
 * @param turns the conversation before the answer, and then the steps
 * @param numSteps how many of the last turns are steps
 */
public record AnswerSteps(List<Message> turns, int numSteps) {
  public AnswerSteps {
    turns = List.copyOf(turns);
  }

  /**
   * The steps of something that is to be scored. Of an answer that is one text each line is a step.
   *
   * @param whole true to take the answer as one step
   * @throws InvalidInputException if it has no steps
   */
  public static AnswerSteps of(ScoreItem item, boolean whole) {
    return switch (item) {
      case ScoreItem.Steps(List<Message> prompt, List<String> steps) ->
          of(prompt, whole ? List.of(String.join("\n", steps)) : steps);
      case ScoreItem.Conversation(List<Message> turns) when isAnswered(turns) -> {
        List<Message> prompt = turns.subList(0, turns.size() - 1);
        String answer = turns.getLast().content();
        yield of(prompt, whole ? List.of(answer) : lines(answer));
      }
      case ScoreItem.Conversation _, ScoreItem.Text _, ScoreItem.TokenIds _ ->
          throw new InvalidInputException(
              "a reward model for reasoning reads an answer to a user's turn; give prompt and steps,"
                  + " or a conversation that ends with the assistant's answer");
    };
  }

  private static boolean isAnswered(List<Message> turns) {
    int size = turns.size();
    return size > 1
        && turns.get(size - 1).role().equals("assistant")
        && turns.get(size - 2).role().equals("user");
  }

  private static List<String> lines(String answer) {
    return Arrays.stream(answer.split("\n")).map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  private static AnswerSteps of(List<Message> prompt, List<String> steps) {
    boolean asked = !prompt.isEmpty() && prompt.getLast().role().equals("user");
    if (steps.isEmpty() || !asked) {
      throw new InvalidInputException("there is no step, or no user's turn before the steps");
    }
    return new AnswerSteps(StepEncoder.turns(prompt, steps), steps.size());
  }

  /** The prompt, which the first step's turn begins with, is not known any more: its hash was. */
  static long promptHash(ScoreItem item) {
    return switch (item) {
      case ScoreItem.Steps(List<Message> prompt, List<String> _) -> TextHash.of(prompt);
      case ScoreItem.Conversation(List<Message> turns) ->
          TextHash.of(turns.subList(0, turns.size() - 1));
      case ScoreItem.Text _, ScoreItem.TokenIds _ -> throw new AssertionError("has no steps");
    };
  }
}
