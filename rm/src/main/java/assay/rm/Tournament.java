package assay.rm;

import assay.rm.data.Judgement;
import assay.rm.data.ScoreItem;
import assay.rm.data.ScoreRow;
import assay.rm.text.ComparisonEncoder;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Answers to one prompt, each compared with each in both orders: n (n - 1) questions. Those with
 * the same answer in the first place stand together, so that context and first answer are computed
 * once for n - 1 of them.
 */
final class Tournament {
  private final ComparisonEncoder comparisons;
  private final boolean isPair;
  private final List<Message> context;
  private final List<String> answers = new ArrayList<>();

  /**
   * @throws InvalidInputException if the row is not two or more answers of one turn to one prompt
   */
  Tournament(ComparisonEncoder comparisons, ScoreRow row) {
    this.comparisons = comparisons;
    this.isPair = row instanceof ScoreRow.Pair;
    if (row.items().size() < 2) {
      throw new InvalidInputException(
          "a pairwise preference model compares answers and has no reward for one; give chosen and"
              + " rejected, or a prompt and two or more responses");
    }
    for (ScoreItem item : row.items()) {
      answers.add(turns(item).getLast().content());
    }
    this.context = context(turns(row.items().getFirst()));
    for (ScoreItem item : row.items()) {
      if (!context(turns(item)).equals(context)) {
        throw new InvalidInputException(
            "the answers do not follow on the same turns, so they cannot be compared in one text");
      }
    }
  }

  private static List<Message> turns(ScoreItem item) {
    if (item instanceof ScoreItem.Conversation conversation) {
      return conversation.turns();
    }
    throw new InvalidInputException(
        "a pairwise preference model puts answers into one text; give them as texts or turns after"
            + " a prompt, not as token ids");
  }

  private static List<Message> context(List<Message> turns) {
    return turns.subList(0, turns.size() - 1);
  }

  RowReading reading() {
    List<RowReading.Sequence> questions = new ArrayList<>();
    for (int first = 0; first < answers.size(); first++) {
      for (int second = 0; second < answers.size(); second++) {
        if (first != second) {
          Message question = comparisons.question(context, answers.get(first), answers.get(second));
          String text = comparisons.render(question);
          questions.add(new RowReading.Sequence(Optional.of(text), comparisons.encode(text)));
        }
      }
    }
    return new RowReading(questions, this::judge);
  }

  private Judgement judge(double[][] scores) {
    if (Arrays.stream(scores).anyMatch(score -> Double.isNaN(score[0]))) {
      return new Judgement.Refusal("the model's logits are not numbers");
    }
    return isPair
        ? new Judgement.Preference(preference(scores, 0, 1))
        : Comparisons.ranking(answers.size(), (i, j) -> preference(scores, i, j), List.of());
  }

  private double preference(double[][] scores, int i, int j) {
    return PairwisePreference.meanPreference(scores[index(i, j)][0], scores[index(j, i)][0]);
  }

  /** Where the question with answer i in the first place and j in the second stands. */
  private int index(int i, int j) {
    return i * (answers.size() - 1) + (j < i ? j : j - 1);
  }
}
