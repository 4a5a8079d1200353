package assay.eval;

import assay.rm.PreferenceStatistics;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A reward model that scores a benchmark's rows. A row that it cannot read, mostly since it is too
 * long, has an error in place of scores; nothing is cut unless that is asked for, since scores of
 * cut answers are those of others.
 *
 * <p>Rewards are scores as they are. A model that compares has none, so a pair's scores are the
 * log-odds that the chosen answer is the better one, and 0: their difference means what a
 * difference of rewards means. Of several answers the score is the share of its comparisons that
 * each one won.
 *
 * @param model stays the caller's
 * @param tooLong what becomes of a text of more tokens than the model has positions
 */
public record ModelScorer(RewardModel model, Recipe.TooLong tooLong) implements RowScorer {
  @Override
  public void check(Benchmark<?> benchmark) {
    checkMethod(model, benchmark, tooLong);
  }

  /**
   * Checks that this kind of model can answer a benchmark.
   *
   * @throws InvalidInputException if not
   */
  static void checkMethod(RewardModel model, Benchmark<?> benchmark, Recipe.TooLong tooLong) {
    if (model.method().readsTheEnd() && tooLong == Recipe.TooLong.TRUNCATE_RIGHT) {
      throw new InvalidInputException(
          "--too-long: truncate-right would cut off the place where a model of method %s is read;"
                  .formatted(model.method().name())
              + " use drop or truncate-left");
    }
    if (benchmark instanceof RmBench && !model.method().hasRewards()) {
      throw new InvalidInputException(
          "--benchmark: rm-bench sets every chosen answer's reward against every rejected one's,"
              + " and a model that compares has none; rewardbench and pairs compare two answers");
    }
  }

  @Override
  public List<Row> score(List<BenchmarkRow> rows, long firstRow) {
    List<RowReading> readings =
        rows.stream().map(row -> model.readOrRefuse(row.answers(), tooLong)).toList();
    List<Judgement> judgements = model.judgeRead(readings);
    List<Row> scored = new ArrayList<>();
    for (int i = 0; i < readings.size(); i++) {
      scored.add(scoreRow(rows.get(i), readings.get(i), judgements.get(i)));
    }
    return scored;
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
    List<Judgement.Explanation> explanations = explanations(judgement);
    if (!explanations.isEmpty()) {
      ArrayNode objectives = fields.putArray(Scores.OBJECTIVES);
      ArrayNode gating = fields.putArray(Scores.GATING);
      for (Judgement.Explanation explanation : explanations) {
        explanation.objectives().forEach(objectives.addObject()::put);
        explanation.gating().forEach(gating.addObject()::put);
      }
    }
  }

  private static List<Judgement.Explanation> explanations(Judgement judgement) {
    return switch (judgement) {
      case Judgement.Rewards rewards -> rewards.explanations();
      case Judgement.Preference preference -> preference.explanations();
      case Judgement.Ranking ranking -> ranking.explanations();
      case Judgement.Refusal _ -> List.of();
    };
  }

  private static double[] scores(Judgement judgement) {
    return switch (judgement) {
      case Judgement.Rewards(double[] rewards, List<Judgement.Explanation> _) -> rewards;
      case Judgement.Preference preference ->
          new double[] {PreferenceStatistics.logOdds(preference.chosen()), 0};
      case Judgement.Ranking ranking -> ranking.winRates();
      case Judgement.Refusal _ -> throw new AssertionError("has no scores");
    };
  }
}
