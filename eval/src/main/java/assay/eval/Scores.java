package assay.eval;

import assay.rm.armorm.Spearman;
import assay.rm.data.Row;
import assay.rm.data.RowPlace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Scores as they come, row by row, and what else is asked of the answers that they are for.
 *
 * @param <R> the benchmark's kind of rows
 */
public final class Scores<R extends ScoredRow> {
  /** In place of scores: why there are none. */
  public static final String ERROR = "error";

  /** Beside the scores: how many tokens the longest thing was that the model read for the row. */
  static final String TOKENS = "tokens";

  /** Beside the scores: how many tokens were cut from the text of which most were. */
  static final String CUT_TOKENS = "cut_tokens";

  /** Beside the scores: the token at which each text was read. */
  public static final String READ_TOKENS = "read_tokens";

  /** Beside the scores: what each is made of, and how much that counts. */
  public static final String OBJECTIVES = "objectives";

  public static final String GATING = "gating";

  /** Beside the scores: what a judge said. */
  public static final String JUDGE = "judge";

  private static final long SEED = 42; // of the baselines that need one

  /**
   * A row without scores, which no score counts.
   *
   * @param index among all rows, from 0
   */
  public record Unscored(int index, RowPlace place, String id, String error) {}

  private final Benchmark<R> benchmark;
  private final List<R> rows = new ArrayList<>();
  private final List<Unscored> unscored = new ArrayList<>();
  private final List<Integer> tokens = new ArrayList<>();
  private final List<Integer> cutTokens = new ArrayList<>();
  private final Map<Baseline, List<R>> baselines = new EnumMap<>(Baseline.class);
  private final List<double[]> lengths = new ArrayList<>();
  private JudgeStatistics judge = JudgeStatistics.NONE;

  public Scores(Benchmark<R> benchmark) {
    this.benchmark = benchmark;
    for (Baseline baseline : Baseline.values()) {
      baselines.put(baseline, new ArrayList<>());
    }
  }

  /** Adds a row of a score file; true if it has scores. */
  public boolean add(Row row) {
    JsonNode error = row.fields().get(ERROR);
    if (error != null && !error.isNull()) {
      unscored.add(
          new Unscored(
              rows.size() + unscored.size(),
              row.place(),
              ScoreFields.id(row),
              error.asString(error + "")));
      return false;
    }
    rows.add(benchmark.read(row));
    if (row.fields().hasNonNull(TOKENS)) {
      tokens.add(ScoreFields.count(row, TOKENS, 1, Integer.MAX_VALUE));
    }
    if (row.fields().hasNonNull(CUT_TOKENS)) {
      cutTokens.add(ScoreFields.count(row, CUT_TOKENS, 1, Integer.MAX_VALUE));
    }
    if (row.fields().hasNonNull(JUDGE)) {
      judge = judge.with(row.fields().get(JUDGE));
    }
    return true;
  }

  /** Adds a row of a score file with the row of the data that it is for. */
  public void add(Row row, BenchmarkRow data) {
    if (!add(row)) {
      return;
    }
    Optional<List<String>> texts = data.texts();
    if (texts.isPresent()) {
      long number = rows.size();
      baselines.forEach(
          (baseline, its) ->
              its.add(benchmark.read(data.withScores(baseline.scores(texts.get(), SEED, number)))));
      lengths.add(Baseline.LONGER.scores(texts.get(), SEED, number));
    }
  }

  /** All rows that have scores. */
  public List<R> rows() {
    return rows;
  }

  /** The others, which a model could not read. */
  public List<Unscored> unscored() {
    return unscored;
  }

  /** The tokens of the longest sequence read for each row; empty for scores from elsewhere. */
  public IntStream tokens() {
    return tokens.stream().mapToInt(number -> number);
  }

  /** The tokens that were cut from each row of which some were. */
  public IntStream cutTokens() {
    return cutTokens.stream().mapToInt(number -> number);
  }

  /** How a judge judged, if scores are a judge's. */
  public Optional<JudgeStatistics> judge() {
    return judge.rows() == 0 ? Optional.empty() : Optional.of(judge);
  }

  /** The same rows as scored by each baseline; none unless all answers' texts are known. */
  public Map<Baseline, List<R>> baselines() {
    return hasTexts() ? baselines : Map.of();
  }

  /** The characters of each row's answers, if {@link #hasTexts}. */
  public List<double[]> lengths() {
    return lengths;
  }

  /** Whether the texts of all answers are known. */
  public boolean hasTexts() {
    return !rows.isEmpty() && lengths.size() == rows.size();
  }

  /**
   * Spearman's correlation of an answer's score with its length in characters, over all answers;
   * empty if texts are not known or all scores are equal.
   */
  public OptionalDouble lengthCorrelation() {
    if (!hasTexts()) {
      return OptionalDouble.empty();
    }
    double[] scores =
        rows.stream().flatMapToDouble(row -> Arrays.stream(row.scoresOfAnswers())).toArray();
    double[] characters = lengths.stream().flatMapToDouble(Arrays::stream).toArray();
    double correlation = Spearman.correlation(scores, characters);
    return Double.isNaN(correlation) ? OptionalDouble.empty() : OptionalDouble.of(correlation);
  }
}
