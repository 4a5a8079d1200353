package assay.eval;

import assay.rm.PreferenceStatistics;
import assay.rm.data.Row;
import assay.rm.data.ScoreRow;
import assay.rm.judge.JudgedRows;
import assay.rm.judge.RowJudge;
import assay.rm.judge.RowJudge.JudgedRow;
import assay.rm.judge.RowJudgement;
import assay.rm.judge.RowJudgement.Comparison;
import assay.rm.judge.RowJudgement.Ratings;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A language model as judge of a benchmark's rows.
 *
 * <p>Where it compares, a pair's scores are the log-odds of the chosen answer's share and 0, and
 * those of several answers their shares: a tie, a reply without verdict, or two orders that
 * contradict each other leave equal shares, as RewardBench counts them. Where it rates, ratings are
 * the scores, and a row of which an answer got none has an error.
 *
 * @param judge stays the caller's
 */
public record JudgeScorer(RowJudge judge) implements RowScorer {

  @Override
  public void check(Benchmark<?> benchmark) {
    if (benchmark instanceof RmBench && !judge.rates()) {
      throw new InvalidInputException(
          "--benchmark: rm-bench sets every chosen answer's score against every rejected one's;"
              + " ask the judge to rate: --prompt rating");
    }
  }

  @Override
  public List<Row> score(List<BenchmarkRow> rows, long firstRow) {
    List<ScoreRow> asked = rows.stream().map(BenchmarkRow::answers).toList();
    List<JudgedRow> judged = judge.judge(asked, firstRow);
    List<Row> scored = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      scored.add(scoreRow(rows.get(i), judged.get(i)));
    }
    return scored;
  }

  private static Row scoreRow(BenchmarkRow row, JudgedRow judged) {
    if (judged.judgement().isEmpty()) {
      return row.withError(judged.error());
    }
    RowJudgement judgement = judged.judgement().get();
    Row scored =
        switch (judgement) {
          case Comparison comparison -> compared(row, comparison);
          case Ratings ratings -> rated(row, ratings);
        };
    scored.fields().set(Scores.JUDGE, JudgedRows.results(row.answers(), judgement));
    return scored;
  }

  private static Row compared(BenchmarkRow row, Comparison comparison) {
    double[] shares = comparison.shares();
    if (row.layout() == BenchmarkRow.Layout.PAIR) {
      return row.withScores(PreferenceStatistics.logOdds(shares[0]), 0);
    }
    if (RewardBench2.isTies(row)) {
      return row.withError(
          "several answers are right, and a judge that names one has no scores for them; ask it to"
              + " rate: --prompt rating");
    }
    return row.withScores(shares);
  }

  private static Row rated(BenchmarkRow row, Ratings ratings) {
    double[] scores = IntStream.range(0, row.numAnswers()).mapToDouble(ratings::rating).toArray();
    for (int i = 0; i < scores.length; i++) {
      if (Double.isNaN(scores[i])) {
        return row.withError("the judge's reply to answer %d has no rating".formatted(i + 1));
      }
    }
    return row.withScores(scores);
  }
}
