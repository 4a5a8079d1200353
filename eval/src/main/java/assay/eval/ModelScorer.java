package assay.eval;

import assay.rm.PairwisePreference;
import assay.rm.RewardModel;
import assay.rm.RowReading;
import assay.rm.data.Judgement;
import assay.rm.data.Row;
import assay.rm.recipe.Recipe;
import assay.rm.text.Tokenizer;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model's scores of a benchmark's rows. A row that it cannot read, mostly since it is too long,
 * has an error in place of scores; nothing is cut unless that is asked for, since scores of cut
 * answers are those of others.
 *
 * <p>Rewards are scores as they are. A model that compares has none, so a pair's scores are the
 * log-odds that the chosen answer is the better one, and 0: their difference means what a
 * difference of rewards means. Of several answers the score is the share of its comparisons that
 * each one won.
 */
public final class ModelScorer<R extends ScoredRow> {
  /** Rows that are scored, and then written, at once; scores do not depend on it. */
  private static final int BATCH_ROWS = 32;

  /** Hears how far scoring is. */
  public interface Listener {
    /**
     * @param rows done, of which some were done before this process began
     */
    void scored(long rows, long rowsBefore, long totalRows);
  }

  private final RewardModel model;
  private final EvaluationData<R> data;
  private final Recipe.TooLong tooLong;
  private final Optional<EvaluationFolder> folder;
  private final Listener listener;
  private final Scores<R> scores;
  private final List<Row> kept;
  private final List<BenchmarkRow> batch = new ArrayList<>();
  private int numRows;

  private ModelScorer(
      RewardModel model,
      EvaluationData<R> data,
      Recipe.TooLong tooLong,
      Optional<EvaluationFolder> folder,
      Listener listener) {
    this.model = model;
    this.data = data;
    this.tooLong = tooLong;
    this.folder = folder;
    this.listener = listener;
    this.scores = new Scores<>(data.benchmark());
    this.kept = folder.map(EvaluationFolder::kept).orElse(List.of());
  }

  /**
   * Scores all rows that the folder does not have yet.
   *
   * @param tooLong what becomes of a text of more tokens than the model has positions
   * @param folder where the scores are written as they come; empty: they are not
   * @throws InvalidInputException if this kind of model has no scores for such rows, or could read
   *     none of them
   */
  public static <R extends ScoredRow> Scores<R> score(
      RewardModel model,
      EvaluationData<R> data,
      Recipe.TooLong tooLong,
      Optional<EvaluationFolder> folder,
      Listener listener) {
    checkMethod(model, data.benchmark(), tooLong);
    ModelScorer<R> scorer = new ModelScorer<>(model, data, tooLong, folder, listener);
    data.forEach(scorer::take);
    scorer.scoreBatch();
    folder.ifPresent(EvaluationFolder::finishScores);
    Scores<R> scores = scorer.scores;
    if (scores.rows().isEmpty()) {
      throw new InvalidInputException(
          "the model could read none of the %d rows; the first: %s"
              .formatted(data.numRows(), scores.unscored().getFirst().error()));
    }
    return scores;
  }

  /**
   * Checks that this kind of model can answer a benchmark.
   *
   * @throws InvalidInputException if not
   */
  public static void checkMethod(
      RewardModel model, Benchmark<?> benchmark, Recipe.TooLong tooLong) {
    boolean compares = model.method() instanceof PairwisePreference;
    if (compares && tooLong == Recipe.TooLong.TRUNCATE_RIGHT) {
      throw new InvalidInputException(
          "--too-long: truncate-right would cut off the place where a comparison is read; use drop"
              + " or truncate-left");
    }
    if (benchmark instanceof RmBench && compares) {
      throw new InvalidInputException(
          "--benchmark: rm-bench sets every chosen answer's reward against every rejected one's,"
              + " and a model that compares has none; rewardbench and pairs compare two answers");
    }
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
    List<RowReading> readings =
        batch.stream().map(row -> model.readOrRefuse(row.answers(), tooLong)).toList();
    List<Judgement> judgements = model.judgeRead(readings);
    List<Row> scored = new ArrayList<>();
    for (int i = 0; i < readings.size(); i++) {
      scored.add(scoreRow(batch.get(i), readings.get(i), judgements.get(i)));
    }
    folder.ifPresent(open -> open.append(scored));
    for (int i = 0; i < scored.size(); i++) {
      scores.add(scored.get(i), batch.get(i));
    }
    numRows += batch.size();
    batch.clear();
    listener.scored(numRows, kept.size(), data.numRows());
  }

  private Row scoreRow(BenchmarkRow row, RowReading reading, Judgement judgement) {
    if (judgement instanceof Judgement.Refusal(String reason)) {
      return row.withError(reason);
    }
    double[] numbers = scores(judgement);
    if (!Arrays.stream(numbers).allMatch(Double::isFinite)) {
      return row.withError("the model's scores are " + Arrays.toString(numbers));
    }
    Row scored = row.withScores(numbers);
    int longest =
        reading.sequences().stream().mapToInt(sequence -> sequence.ids().length).max().orElse(0);
    scored.fields().put(Scores.TOKENS, longest);
    if (reading.mostCut() > 0) {
      scored.fields().put(Scores.CUT_TOKENS, reading.mostCut());
    }
    explain(scored.fields(), reading, judgement);
    return scored;
  }

  /** Writes where the scores were read, and what they are made of. */
  private void explain(ObjectNode fields, RowReading reading, Judgement judgement) {
    if (model.optionalEncoder().isPresent()) {
      Tokenizer tokenizer = model.encoder().tokenizer();
      ArrayNode tokens = fields.putArray(Scores.READ_TOKENS);
      reading
          .sequences()
          .forEach(its -> tokens.add(tokenizer.token(its.ids()[its.ids().length - 1])));
    }
    if (judgement instanceof Judgement.Rewards(double[] _, List<Judgement.Explanation> explanations)
        && !explanations.isEmpty()) {
      ArrayNode objectives = fields.putArray(Scores.OBJECTIVES);
      ArrayNode gating = fields.putArray(Scores.GATING);
      for (Judgement.Explanation explanation : explanations) {
        explanation.objectives().forEach(objectives.addObject()::put);
        explanation.gating().forEach(gating.addObject()::put);
      }
    }
  }

  private static double[] scores(Judgement judgement) {
    return switch (judgement) {
      case Judgement.Rewards(double[] rewards, List<Judgement.Explanation> _) -> rewards;
      case Judgement.Preference(double chosen) -> new double[] {logOdds(chosen), 0};
      case Judgement.Ranking(int[] _, double[] winRates) -> winRates;
      case Judgement.Refusal _ -> throw new AssertionError("has no scores");
    };
  }

  /** Finite also where a double cannot tell the probability from 0 or 1; NaN stays NaN. */
  private static double logOdds(double p) {
    double odds = Math.log(p) - Math.log1p(-p);
    return Double.isInfinite(odds) ? Math.copySign(-Math.log(Math.ulp(0.5)), odds) : odds;
  }
}
