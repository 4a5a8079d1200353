package assay.rm.judge;

import assay.rm.data.ScoreItem;
import assay.rm.data.ScoreRow;
import assay.rm.data.Shuffle;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The questions about one row, and what their replies mean together.
 *
 * @param context the conversation up to the answers
 * @param answers in the row's order
 * @param orders for a comparison: which answer stands at each position, for each question; empty if
 *     answers are rated
 */
record RowQuestions(
    List<Message> context, List<String> answers, List<int[]> orders, List<Question> questions) {
  /** Of a prompt for two, for more, and for one answer, if the caller names none. */
  static JudgePrompt defaultPrompt(int numAnswers) {
    String name = numAnswers == 1 ? "rating" : numAnswers == 2 ? "pair" : "choice";
    return JudgePromptFile.load(name);
  }

  /**
   * @param prompt null for the default one
   * @param seed of the row: of the orders of more than two answers, and of what is drawn
   * @throws InvalidInputException if such a row cannot be judged so
   */
  static RowQuestions of(ScoreRow row, JudgePrompt prompt, long seed) {
    if (row instanceof ScoreRow.Unscorable unscorable) {
      throw new InvalidInputException(unscorable.error());
    }
    List<List<Message>> conversations = row.items().stream().map(RowQuestions::turns).toList();
    List<Message> first = conversations.getFirst();
    List<Message> context = first.subList(0, first.size() - 1);
    for (List<Message> other : conversations) {
      if (!other.subList(0, other.size() - 1).equals(context)) {
        throw new InvalidInputException(
            "the conversations differ before their last turn; a judge compares answers to one");
      }
    }
    List<String> answers = conversations.stream().map(turns -> turns.getLast().content()).toList();
    JudgePrompt asked = prompt == null ? defaultPrompt(answers.size()) : prompt;
    if (asked.kind() == JudgePrompt.Kind.RATING) {
      List<Question> questions =
          IntStream.range(0, answers.size())
              .mapToObj(i -> asked.rate(context, answers.get(i), seed + i))
              .toList();
      return new RowQuestions(context, answers, List.of(), questions);
    }
    List<int[]> orders = orders(answers.size(), seed);
    List<Question> questions = new ArrayList<>();
    for (int[] order : orders) {
      List<String> shown = IntStream.of(order).mapToObj(answers::get).toList();
      questions.add(asked.compare(context, shown, seed + questions.size()));
    }
    return new RowQuestions(context, answers, orders, questions);
  }

  private static List<Message> turns(ScoreItem item) {
    if (item instanceof ScoreItem.Conversation(List<Message> turns)
        && turns.size() > 1
        && turns.getLast().role().equals("assistant")) {
      return turns;
    }
    throw new InvalidInputException(
        "a judge needs conversations that end with an answer of the assistant");
  }

  /** Two answers as they are, more in a drawn order; and the reverse. */
  private static List<int[]> orders(int numAnswers, long seed) {
    int[] order =
        numAnswers > 2
            ? Shuffle.order(numAnswers, seed, 0)
            : IntStream.range(0, numAnswers).toArray();
    int[] reversed = IntStream.range(0, numAnswers).map(i -> order[numAnswers - 1 - i]).toArray();
    return List.of(order, reversed);
  }

  RowJudgement judgement(List<Reply> replies) {
    return orders.isEmpty()
        ? new RowJudgement.Ratings(replies)
        : new RowJudgement.Comparison(orders, replies);
  }
}
