package assay.eval;

import assay.eval.statistics.Stratum;
import assay.rm.data.Row;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Any pairs: how often the chosen answer has the higher score, and by how much, over all pairs and
 * over those that have the same value in some field.
 *
 * @param ties what equal scores count
 * @param by the field whose values make the groups
 */
public record PairBenchmark(TieRule ties, Optional<String> by)
    implements Benchmark<ScoredRow.Pair> {
  private static final String ALL = "all";

  @Override
  public String name() {
    return "pairs";
  }

  /** {@code score_chosen, score_rejected}, perhaps {@code id}, and the field of the groups. */
  @Override
  public ScoredRow.Pair read(Row row) {
    return read(row, by.map(field -> ScoreFields.groupName(row, field)).orElse(ALL));
  }

  /** The scores as score files have them, or as {@code assay score} writes them. */
  static ScoredRow.Pair read(Row row, String group) {
    return new ScoredRow.Pair(
        row.place(),
        ScoreFields.id(row),
        group,
        ScoreFields.score(row, "score_chosen", "chosen_reward"),
        ScoreFields.score(row, "score_rejected", "rejected_reward"));
  }

  @Override
  public double credit(ScoredRow.Pair row) {
    return ties.win(row.chosen(), row.rejected());
  }

  /** A stratum is a group; its columns are who won and the margin. */
  @Override
  public List<Stratum> strata(List<ScoredRow.Pair> rows) {
    return Groups.strata(
        rows, List.of(), ScoredRow.Pair::group, row -> new double[] {credit(row), row.margin()});
  }

  @Override
  public boolean isProportion(Stratum stratum) {
    return true;
  }

  @Override
  public Result result(List<Stratum> strata, double[][] means) {
    Map<String, Scores> groups = new LinkedHashMap<>();
    long pairs = 0;
    double wins = 0;
    double margins = 0;
    for (int i = 0; i < means.length; i++) {
      int numRows = strata.get(i).numRows();
      groups.put(strata.get(i).name(), new Scores(numRows, means[i][0], means[i][1]));
      pairs += numRows;
      wins += numRows * means[i][0];
      margins += numRows * means[i][1];
    }
    Scores all = pairs == 0 ? null : new Scores(pairs, wins / pairs, margins / pairs);
    return new Result(by, by.isPresent() ? groups : Map.of(), all);
  }

  /**
   * Of some pairs.
   *
   * @param meanMargin of the chosen answers' scores over the rejected ones'
   */
  public record Scores(long pairs, double accuracy, double meanMargin) {
    private Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("pairs", pairs);
      json.put("accuracy", accuracy);
      json.put("mean_margin", meanMargin);
      return json;
    }
  }

  /**
   * The scores of all pairs and of each group.
   *
   * @param by the field of the groups
   * @param groups by the field's value; none without a field
   * @param overall null if there are no pairs
   */
  public record Result(Optional<String> by, Map<String, Scores> groups, Scores overall)
      implements BenchmarkResult {

    /** Pairs have no parts that could be missing. */
    @Override
    public List<String> partial() {
      return List.of();
    }

    @Override
    public Map<String, Object> toJson() {
      Map<String, Object> byValue = new LinkedHashMap<>();
      groups.forEach((value, scores) -> byValue.put(value, scores.toJson()));
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("benchmark", "pairs");
      json.put("by", by.orElse(null));
      json.put("groups", byValue);
      json.put("overall", overall == null ? null : overall.toJson());
      json.put("partial", partial());
      return json;
    }
  }
}
