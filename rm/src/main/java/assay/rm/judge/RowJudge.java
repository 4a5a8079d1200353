package assay.rm.judge;

import assay.rm.data.ScoreRow;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Puts rows of data before a judge: every comparison in both orders. */
public final class RowJudge {
  /**
   * A row and what was said of it.
   *
   * @param context the conversation up to the answers; empty if there was no judgement
   * @param answers in the row's order; likewise
   * @param judgement empty if there is an error
   * @param error why there is no judgement; empty if there is one
   */
  public record JudgedRow(
      ScoreRow row,
      List<Message> context,
      List<String> answers,
      Optional<RowJudgement> judgement,
      String error) {
    static JudgedRow failed(ScoreRow row, String error) {
      return new JudgedRow(row, List.of(), List.of(), Optional.empty(), error);
    }
  }

  private final Judge judge;
  private final Optional<JudgePrompt> prompt;
  private final long seed;

  /**
   * @param judge stays the caller's
   * @param prompt empty: the pair prompt for two answers, choice for more, rating for one
   */
  public RowJudge(Judge judge, Optional<JudgePrompt> prompt, long seed) {
    this.judge = judge;
    this.prompt = prompt;
    this.seed = seed;
  }

  /**
   * Judges rows. What is drawn for one depends on the seed and its number alone.
   *
   * @param firstRow the first one's number, from 0
   */
  public List<JudgedRow> judge(List<ScoreRow> rows, long firstRow) {
    List<JudgedRow> judged = new ArrayList<>();
    List<RowQuestions> asked = new ArrayList<>(); // null where there is an error
    List<Question> questions = new ArrayList<>();
    for (ScoreRow row : rows) {
      long rowSeed = seed + (firstRow + judged.size()) * JudgePrompt.MAX_ANSWERS;
      try {
        RowQuestions some = RowQuestions.of(row, prompt.orElse(null), rowSeed);
        asked.add(some);
        questions.addAll(some.questions());
        judged.add(null);
      } catch (InvalidInputException e) {
        asked.add(null);
        judged.add(JudgedRow.failed(row, e.getMessage()));
      }
    }
    List<Reply> replies = judge.ask(questions);
    int next = 0;
    for (int i = 0; i < judged.size(); i++) {
      if (asked.get(i) != null) {
        int end = next + asked.get(i).questions().size();
        judged.set(i, judged(rows.get(i), asked.get(i), replies.subList(next, end)));
        next = end;
      }
    }
    return judged;
  }

  /** Which prompts rows may get, for a record of what was asked. */
  public String prompts() {
    List<JudgePrompt> used =
        prompt
            .map(List::of)
            .orElseGet(
                () -> IntStream.rangeClosed(1, 3).mapToObj(RowQuestions::defaultPrompt).toList());
    return used.stream().map(JudgePrompt::fingerprint).collect(Collectors.joining(", "));
  }

  /** Whether answers are rated one by one, however many a row has. */
  public boolean rates() {
    return prompt.isPresent() && prompt.get().kind() == JudgePrompt.Kind.RATING;
  }

  private static JudgedRow judged(ScoreRow row, RowQuestions asked, List<Reply> replies) {
    for (Reply reply : replies) {
      if (reply.verdict() instanceof Verdict.Failed(String reason)) {
        return JudgedRow.failed(row, reason);
      }
    }
    Optional<RowJudgement> judgement = Optional.of(asked.judgement(replies));
    return new JudgedRow(row, asked.context(), asked.answers(), judgement, "");
  }
}
