package assay.eval;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * The JSON objects that RewardBench's own scripts write (github allenai/reward-bench: run_rm.py,
 * run_v2.py and rewardbench.py) and its leaderboard reads, with their keys in alphabetical order as
 * there. Texts are left out: they are the benchmark's own.
 */
public final class LeaderboardFiles {
  private LeaderboardFiles() {}

  /**
   * Who was measured.
   *
   * @param name organization/model
   * @param type such as {@code Seq. Classifier}, {@code Custom Classifier}, {@code Generative RM}
   * @param chatTemplate {@code tokenizer} for the one in the tokenizer's files
   */
  public record Model(String name, String type, String chatTemplate) {
    private Map<String, Object> toJson() {
      return new TreeMap<>(
          Map.of("model", name, "model_type", type, "chat_template", chatTemplate));
    }
  }

  /** {@code eval-set/MODEL.json}: the accuracies of the benchmark's own subsets. */
  public static Map<String, Object> evalSet(Model model, RewardBench.Result result) {
    Stream<String> subsets =
        RewardBench.SECTIONS.stream()
            .flatMap(section -> section.subsets().stream())
            .map(RewardBench.Subset::name);
    return withScores(model, subsets, result.subsets());
  }

  /** {@code pref-sets/MODEL.json}: the accuracies of the older sets, those that count or not. */
  public static Map<String, Object> prefSets(Model model, RewardBench.Result result) {
    Stream<String> subsets =
        Stream.of(RewardBench.PRIOR_SETS, RewardBench.NOT_COUNTED).flatMap(List::stream);
    return withScores(model, subsets, result.subsets());
  }

  /** {@code eval-set/MODEL.json} of RewardBench 2: the scores of its subsets. */
  public static Map<String, Object> evalSet(Model model, RewardBench2.Result result) {
    return withScores(model, RewardBench2.SUBSETS.stream(), result.subsets());
  }

  private static Map<String, Object> withScores(
      Model model, Stream<String> subsets, Map<String, Double> scores) {
    Map<String, Object> json = model.toJson();
    subsets
        .filter(subset -> scores.get(subset) != null)
        .forEach(subset -> json.put(subset, scores.get(subset)));
    return json;
  }

  /** {@code eval-set-scores/MODEL.json}: a column each of ids, subsets, scores and who won. */
  public static Map<String, Object> evalSetScores(
      Model model, RewardBench benchmark, List<ScoredRow.Pair> rows) {
    Map<String, Object> json = model.toJson();
    json.put("id", column(rows, ScoredRow.Pair::id));
    json.put("subset", column(rows, ScoredRow.Pair::group));
    json.put("scores_chosen", column(rows, ScoredRow.Pair::chosen));
    json.put("scores_rejected", column(rows, ScoredRow.Pair::rejected));
    json.put("results", column(rows, benchmark::credit));
    return json;
  }

  /** {@code eval-set-scores/MODEL.json} of RewardBench 2. */
  public static Map<String, Object> evalSetScores(
      Model model, RewardBench2 benchmark, List<ScoredRow.BestOf> rows) {
    Map<String, Object> json = model.toJson();
    json.put("id", column(rows, ScoredRow.BestOf::id));
    json.put("subset", column(rows, ScoredRow.BestOf::group));
    json.put("num_correct", column(rows, ScoredRow.BestOf::numCorrect));
    json.put("scores", column(rows, row -> DoubleStream.of(row.scores()).boxed().toList()));
    json.put("results", column(rows, benchmark::credit));
    return json;
  }

  private static <R> List<Object> column(List<R> rows, Function<R, Object> value) {
    return rows.stream().map(value).toList();
  }

  /**
   * {@code MODEL.json} of the command {@code rewardbench} on any pairs.
   *
   * @param tokenizer the tokenizer's name
   * @param subsets each subset's accuracy; null if the pairs have none
   */
  public static Map<String, Object> summary(
      Model model, String tokenizer, PairBenchmark.Scores scores, Map<String, Double> subsets) {
    Map<String, Object> json = new TreeMap<>();
    json.put("accuracy", scores.accuracy());
    json.put("num_prompts", scores.pairs());
    json.put("model", model.name());
    json.put("ref_model", null); // of a policy that is read as a reward model
    json.put("tokenizer", tokenizer);
    json.put("chat_template", model.chatTemplate());
    json.put("extra_results", subsets);
    return json;
  }
}
