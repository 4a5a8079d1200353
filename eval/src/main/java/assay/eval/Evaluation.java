package assay.eval;

import assay.eval.statistics.Bootstrap;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A finished evaluation: what is printed and what is written.
 *
 * @param data SHA-256 of the data files, or of the score files, by name
 * @param model empty for scores from elsewhere
 * @param baselines what scores without a model come to on the same rows; none where texts are not
 *     known
 * @param comparison with another model's scores of the same rows, if there was one
 * @param others that model's rows, in the order of these
 */
public record Evaluation<R extends ScoredRow>(
    Benchmark<R> benchmark,
    Map<String, String> data,
    Optional<EvaluatedModel> model,
    Scores<R> scores,
    BenchmarkResult result,
    EvaluationStatistics statistics,
    Map<Baseline, BenchmarkResult> baselines,
    Optional<ModelComparison> comparison,
    Optional<List<R>> others) {
  private static final long SEED = 42;

  /** Computes what the scores come to. */
  public static <R extends ScoredRow> Evaluation<R> of(
      Benchmark<R> benchmark,
      Map<String, String> data,
      Optional<EvaluatedModel> model,
      Scores<R> scores,
      Optional<Scores<R>> other) {
    Bootstrap bootstrap = new Bootstrap(Bootstrap.DEFAULT_RESAMPLES, SEED);
    Map<Baseline, BenchmarkResult> baselines = new EnumMap<>(Baseline.class);
    scores.baselines().forEach((baseline, rows) -> baselines.put(baseline, benchmark.result(rows)));
    return new Evaluation<>(
        benchmark,
        data,
        model,
        scores,
        benchmark.result(scores.rows()),
        EvaluationStatistics.of(benchmark, scores.rows(), bootstrap),
        baselines,
        other.map(its -> ModelComparison.of(benchmark, scores.rows(), its.rows(), bootstrap)),
        other.map(its -> ModelComparison.match(scores.rows(), its.rows())));
  }

  /**
   * Of a score file, from wherever it is.
   *
   * @param data that the scores are for, row by row; without it there are no baselines and no texts
   */
  public static <R extends ScoredRow> Evaluation<R> ofScores(
      Benchmark<R> benchmark,
      Path file,
      Optional<EvaluationData<R>> data,
      Optional<Scores<R>> other) {
    Scores<R> scores =
        data.isPresent()
            ? ScoreFile.readFor(data.get(), file)
            : ScoreFile.readAll(benchmark, List.of(file));
    Map<String, String> hashes = Map.of(file.toString(), FileHash.of(List.of(file)));
    return of(benchmark, hashes, Optional.empty(), scores, other);
  }

  /**
   * Spearman's correlation of rewards with the answers' lengths; empty where there are no texts or
   * no rewards.
   */
  public OptionalDouble lengthCorrelation() {
    boolean hasRewards = model.map(EvaluatedModel::hasRewards).orElse(true);
    return hasRewards ? scores.lengthCorrelation() : OptionalDouble.empty();
  }

  /** The content of result.json. */
  public ResultFile resultFile() {
    OptionalDouble correlation = lengthCorrelation();
    Map<String, Object> byBaseline = new LinkedHashMap<>();
    baselines.forEach(
        (baseline, its) -> byBaseline.put(baseline.name().toLowerCase(Locale.ROOT), its.scores()));
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("unscored_rows", scores.unscored().size());
    details.put("read", model.map(its -> its.toJson(scores)).orElse(null));
    details.put("judge", scores.judge().map(JudgeStatistics::toJson).orElse(null));
    details.put("baselines", byBaseline);
    details.put("length_correlation", correlation.isPresent() ? correlation.getAsDouble() : null);
    details.put("comparison", comparison.map(ModelComparison::toJson).orElse(null));
    return new ResultFile(
        result, statistics, model.flatMap(EvaluatedModel::hash).orElse(null), data, details);
  }

  /** Writes result.json and, if there is a model, what leaderboards read, into a folder. */
  public void write(Path folder) {
    model.ifPresent(its -> writeForLeaderboards(folder, its));
    EvaluationFolder.write(folder, ResultFile.NAME, resultFile().toJson());
  }

  private void writeForLeaderboards(Path folder, EvaluatedModel of) {
    LeaderboardFiles.Model named = of.forLeaderboards();
    String file = of.name() + ".json";
    List<R> rows = scores.rows();
    switch (result) {
      case RewardBench.Result scored -> {
        EvaluationFolder.write(folder, "eval-set/" + file, LeaderboardFiles.evalSet(named, scored));
        EvaluationFolder.write(
            folder, "pref-sets/" + file, LeaderboardFiles.prefSets(named, scored));
        List<ScoredRow.Pair> pairs = rows.stream().map(ScoredRow.Pair.class::cast).toList();
        EvaluationFolder.write(
            folder,
            "eval-set-scores/" + file,
            LeaderboardFiles.evalSetScores(named, (RewardBench) benchmark, pairs));
      }
      case RewardBench2.Result scored -> {
        EvaluationFolder.write(folder, "eval-set/" + file, LeaderboardFiles.evalSet(named, scored));
        List<ScoredRow.BestOf> best = rows.stream().map(ScoredRow.BestOf.class::cast).toList();
        EvaluationFolder.write(
            folder,
            "eval-set-scores/" + file,
            LeaderboardFiles.evalSetScores(named, (RewardBench2) benchmark, best));
      }
      case PairBenchmark.Result scored -> {
        Map<String, Double> accuracies = new LinkedHashMap<>();
        scored.groups().forEach((group, its) -> accuracies.put(group, its.accuracy()));
        EvaluationFolder.write(
            folder,
            file,
            LeaderboardFiles.summary(
                named, named.name(), scored.overall(), accuracies.isEmpty() ? null : accuracies));
      }
      case RmBench.Result _ -> {} // has no leaderboard that reads files
    }
  }
}
