package assay.eval;

import assay.eval.statistics.Stratum;
import assay.rm.data.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * RewardBench 2 (Malik et al. 2025, RewardBench 2: Advancing Reward Model Evaluation): 1,865
 * questions in six subsets. In five of them one of four answers is correct, and
 *
 * <pre>
 * row      = 1 / (number of answers with the highest score) if the correct one is among them, else 0
 * subset   = mean of its rows
 * overall  = mean of the six subsets, whatever their sizes
 * </pre>
 *
 * <p>The sixth is {@link TiesSubset}. Equal scores have a rule of their own here, so there is no
 * {@link TieRule}. Chance is 0.25.
 */
public record RewardBench2() implements Benchmark<ScoredRow.BestOf> {
  /** The subset with several correct answers. */
  public static final String TIES = "Ties";

  /** In the paper's order. */
  public static final List<String> SUBSETS =
      List.of("Factuality", "Precise IF", "Math", "Safety", "Focus", TIES);

  @Override
  public String name() {
    return "rewardbench2";
  }

  /** {@code id, subset, num_correct, scores}. */
  @Override
  public ScoredRow.BestOf read(Row row) {
    String subset = ScoreFields.name(row, "subset", SUBSETS);
    double[] scores = ScoreFields.scores(row, "scores");
    if (scores.length < 2) {
      throw ScoreFields.error(
          row, "scores", "expected the scores of two answers or more, found " + scores.length);
    }
    int mostCorrect = subset.equals(TIES) ? scores.length - 1 : 1;
    int numCorrect = ScoreFields.count(row, "num_correct", 1, mostCorrect);
    ScoredRow.BestOf read =
        new ScoredRow.BestOf(row.place(), ScoreFields.id(row), subset, numCorrect, scores);
    if (subset.equals(TIES)) {
      checkTies(row, read);
    }
    return read;
  }

  /** Whether a row of the data is of the subset with several correct answers. */
  static boolean isTies(BenchmarkRow row) {
    return row.layout() == BenchmarkRow.Layout.LIST
        && row.head().path("subset").asString("").equals(TIES);
  }

  private static void checkTies(Row row, ScoredRow.BestOf read) {
    boolean tied = read.id().startsWith("tied:");
    if (!tied && !TiesSubset.isRef(read)) {
      throw ScoreFields.error(
          row, "id", "expected 'ref:N' or 'tied:N' in subset Ties, found '" + read.id() + "'");
    }
    if (tied && read.numCorrect() < 2) {
      throw ScoreFields.error(row, "num_correct", "a tied row has two correct answers or more");
    }
  }

  @Override
  public double credit(ScoredRow.BestOf row) {
    return row.group().equals(TIES) ? TiesSubset.accurate(row) : bestOf(row);
  }

  private static double bestOf(ScoredRow.BestOf row) {
    double correct = row.scores()[0];
    int sharing = 0;
    for (double score : row.scores()) {
      if (score > correct) {
        return 0;
      }
      sharing += score == correct ? 1 : 0;
    }
    return 1.0 / sharing;
  }

  /** A stratum is a subset with a column of credits, but for Ties. */
  @Override
  public List<Stratum> strata(List<ScoredRow.BestOf> rows) {
    List<Stratum> strata = new ArrayList<>();
    Groups.of(rows, SUBSETS, ScoredRow.BestOf::group)
        .forEach(
            (subset, its) ->
                strata.add(
                    subset.equals(TIES)
                        ? TiesSubset.stratum(subset, its)
                        : Stratum.of(subset, its, row -> new double[] {bestOf(row)})));
    return strata;
  }

  @Override
  public boolean isProportion(Stratum stratum) {
    return !stratum.name().equals(TIES);
  }

  @Override
  public Result result(List<Stratum> strata, double[][] means) {
    Map<String, Double> subsets = new LinkedHashMap<>();
    SUBSETS.forEach(subset -> subsets.put(subset, null));
    TiesSubset ties = null;
    for (int i = 0; i < means.length; i++) {
      String subset = strata.get(i).name();
      if (subset.equals(TIES)) {
        ties = TiesSubset.of(means[i]);
        subsets.put(subset, ties.score());
      } else {
        subsets.put(subset, means[i][0]);
      }
    }
    return new Result(subsets, ties);
  }

  /**
   * All scores as fractions.
   *
   * @param subsets all six, null where there are no rows
   * @param ties what the score of subset Ties is made of, null if there are no rows
   */
  public record Result(Map<String, Double> subsets, TiesSubset ties) implements BenchmarkResult {
    /** Null unless there are rows of all six subsets. */
    public Double overall() {
      return Means.ofAll(subsets.values());
    }

    @Override
    public List<String> partial() {
      return SUBSETS.stream().filter(subset -> subsets.get(subset) == null).toList();
    }

    @Override
    public Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("benchmark", "rewardbench2");
      json.put("subsets", subsets);
      json.put("ties", ties == null ? null : ties.toJson());
      json.put("overall", overall());
      json.put("partial", partial());
      return json;
    }
  }
}
