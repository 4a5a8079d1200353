package assay.eval;

import assay.nn.checkpoint.ModelFolder;
import assay.rm.ArmoRm;
import assay.rm.BradleyTerry;
import assay.rm.Contract;
import assay.rm.DecisionTreeReward;
import assay.rm.Odin;
import assay.rm.PairwisePreference;
import assay.rm.Regression;
import assay.rm.RewardModel;
import assay.rm.StepReward;
import assay.rm.recipe.Recipe;
import assay.rm.text.TextEncoder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The model of an evaluation.
 *
 * @param name as leaderboards name it: the last two names of its folder, or its hub id
 * @param hash SHA-256 of its files; empty if they are not here, but behind an API
 * @param type as leaderboards name it
 * @param hasRewards of single answers; false if it compares
 * @param precision what it computed in
 * @param templateDate the day that its chat template saw; empty if it asks for none
 * @param trainedLength the longest text in its training, in tokens; empty if that is not known
 * @param tooLong what became of texts that it could not read whole
 * @param judge of a judge, what was asked and how it answered; empty for a reward model
 */
public record EvaluatedModel(
    String name,
    Optional<String> hash,
    String type,
    boolean hasRewards,
    String precision,
    Optional<String> templateDate,
    OptionalInt trainedLength,
    Recipe.TooLong tooLong,
    Optional<String> judge) {

  /**
   * @param given a folder or a hub id, as {@code loaded} was loaded from
   */
  public static EvaluatedModel of(
      String given, RewardModel loaded, String precision, Recipe.TooLong tooLong) {
    Path folder = ModelFolder.resolve(given);
    Optional<String> date =
        loaded.optionalEncoder().isPresent()
            ? Optional.of(loaded.encoder()).flatMap(TextEncoder::templateDate)
            : Optional.empty();
    Optional<Integer> length = loaded.contract().map(Contract::maxLength).filter(most -> most > 0);
    return new EvaluatedModel(
        name(Path.of(given)),
        Optional.of(FileHash.ofModel(folder)),
        type(loaded),
        loaded.method().hasRewards(),
        precision,
        date,
        length.map(OptionalInt::of).orElse(OptionalInt.empty()),
        tooLong,
        Optional.empty());
  }

  /**
   * A judge.
   *
   * @param given a folder or a hub id, or a server's name of the model
   * @param local whether it is the former
   * @param hasRewards whether it rates answers one by one
   * @param judge what is asked and how it answers: all else that verdicts depend on
   */
  public static EvaluatedModel ofJudge(
      String given,
      boolean local,
      boolean hasRewards,
      String precision,
      Optional<String> templateDate,
      String judge) {
    return new EvaluatedModel(
        local ? name(Path.of(given)) : given,
        local ? Optional.of(FileHash.ofModel(ModelFolder.resolve(given))) : Optional.empty(),
        "Generative RM",
        hasRewards,
        precision,
        templateDate,
        OptionalInt.empty(),
        Recipe.TooLong.DROP,
        Optional.of(judge));
  }

  /** Such as {@code quickstart/model} of {@code runs/quickstart/model}. */
  private static String name(Path given) {
    Path path = given.toAbsolutePath().normalize();
    int count = path.getNameCount();
    Path last = path.subpath(Math.max(0, count - 2), count);
    return last.toString().replace('\\', '/');
  }

  private static String type(RewardModel loaded) {
    return switch (loaded.method()) {
      case BradleyTerry _ -> "Seq. Classifier";
      case Odin _,
          Regression _,
          StepReward _,
          ArmoRm _,
          DecisionTreeReward _,
          PairwisePreference _ ->
          "Custom Classifier";
    };
  }

  LeaderboardFiles.Model forLeaderboards() {
    return new LeaderboardFiles.Model(name, type, "tokenizer");
  }

  /** What its scores depend on. */
  public EvaluationIdentity identity(EvaluationData<?> data) {
    Benchmark<?> benchmark = data.benchmark();
    Optional<String> by =
        benchmark instanceof PairBenchmark pairs ? pairs.by() : Optional.<String>empty();
    return new EvaluationIdentity(
        benchmark.name(),
        by,
        hash.orElse(name),
        data.hashes().values().stream().toList(),
        precision,
        templateDate,
        tooLong,
        judge);
  }

  /** What it was like and what it had to read. */
  Map<String, Object> toJson(Scores<?> scores) {
    int[] lengths = scores.tokens().toArray();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("precision", precision);
    json.put("template_date", templateDate.orElse(null));
    json.put("judge", judge.orElse(null));
    json.put("too_long", tooLong.key());
    json.put("rows_cut", scores.cutTokens().count());
    json.put("mean_tokens_cut", scores.cutTokens().average().orElse(0));
    json.put("most_tokens_cut", scores.cutTokens().max().orElse(0));
    json.put("longest_tokens", IntStream.of(lengths).max().orElse(0));
    json.put("trained_tokens", trainedLength.isPresent() ? trainedLength.getAsInt() : null);
    json.put("rows_longer_than_trained", numLonger(IntStream.of(lengths)));
    return json;
  }

  /** How many rows had a text that is longer than any in training. */
  public long numLonger(IntStream tokens) {
    return trainedLength.isEmpty()
        ? 0
        : tokens.filter(length -> length > trainedLength.getAsInt()).count();
  }
}
