package assay.eval;

import assay.rm.data.Row;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The way through a benchmark's rows, some at a time, from where an interrupted one stopped. */
public final class Scoring<R extends ScoredRow> {
  /** Rows that are scored, and then written, at once; scores do not depend on it. */
  private static final int BATCH_ROWS = 32;

  /** Hears how far scoring is. */
  public interface Listener {
    /**
     * @param rows done, of which some were done before this process began
     */
    void scored(long rows, long rowsBefore, long totalRows);
  }

  private final RowScorer scorer;
  private final EvaluationData<R> data;
  private final Optional<EvaluationFolder> folder;
  private final Listener listener;
  private final Scores<R> scores;
  private final List<Row> kept;
  private final List<BenchmarkRow> batch = new ArrayList<>();
  private int numRows;

  private Scoring(
      RowScorer scorer,
      EvaluationData<R> data,
      Optional<EvaluationFolder> folder,
      Listener listener) {
    this.scorer = scorer;
    this.data = data;
    this.folder = folder;
    this.listener = listener;
    this.scores = new Scores<>(data.benchmark());
    this.kept = folder.map(EvaluationFolder::kept).orElse(List.of());
  }

  /**
   * Scores all rows that the folder does not have yet.
   *
   * @param folder where the scores are written as they come; empty: they are not
   * @throws InvalidInputException if there can be no scores for such rows, or there were none
   */
  public static <R extends ScoredRow> Scores<R> run(
      RowScorer scorer,
      EvaluationData<R> data,
      Optional<EvaluationFolder> folder,
      Listener listener) {
    scorer.check(data.benchmark());
    Scoring<R> scoring = new Scoring<>(scorer, data, folder, listener);
    data.forEach(scoring::take);
    scoring.scoreBatch();
    folder.ifPresent(EvaluationFolder::finishScores);
    Scores<R> scores = scoring.scores;
    if (scores.rows().isEmpty()) {
      throw new InvalidInputException(
          "none of the %d rows could be scored; the first: %s"
              .formatted(data.numRows(), scores.unscored().getFirst().error()));
    }
    return scores;
  }

  private void take(BenchmarkRow row) {
    if (numRows < kept.size()) {
      scores.add(kept.get(numRows), row);
      numRows++;
      return;
    }
    batch.add(row);
    if (batch.size() == BATCH_ROWS) {
      scoreBatch();
    }
  }

  private void scoreBatch() {
    if (batch.isEmpty()) {
      return;
    }
    List<Row> scored = scorer.score(batch, numRows);
    folder.ifPresent(open -> open.append(scored));
    for (int i = 0; i < scored.size(); i++) {
      scores.add(scored.get(i), batch.get(i));
    }
    numRows += batch.size();
    batch.clear();
    listener.scored(numRows, kept.size(), data.numRows());
  }
}
