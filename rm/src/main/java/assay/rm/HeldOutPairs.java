package assay.rm;

import assay.rm.data.PreferencePair;
import assay.tensor.comm.Communicator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** Scores the held-out pairs, all together and by their source. */
final class HeldOutPairs implements HeldOutEvaluation {
  private final Map<String, PreferenceStatistics> bySource = new TreeMap<>();
  private final Map<String, Integer> longerWins = new TreeMap<>();
  private final List<Double> rewards = new ArrayList<>();
  private final PreferenceStatistics all;

  HeldOutPairs(
      RewardMethod method,
      PreferenceTask task,
      List<PreferencePair> pairs,
      Communicator ranks,
      TrainingListener listener,
      BooleanSupplier stop) {
    all =
        task.evaluate(
            method,
            pairs,
            ranks,
            stop,
            (pair, chosen, rejected) -> {
              add(pair, chosen, rejected);
              listener.evaluating(rewards.size() / 2, pairs.size());
            });
  }

  private void add(PreferencePair pair, double chosen, double rejected) {
    bySource
        .computeIfAbsent(pair.source(), s -> new PreferenceStatistics())
        .add(chosen, rejected, pair.margin());
    longerWins.merge(pair.source(), pair.chosenIsLonger() ? 1 : 0, Integer::sum);
    rewards.add(chosen);
    rewards.add(rejected);
  }

  @Override
  public MetricsLog.Evaluation row(long step) {
    return new MetricsLog.Evaluation(
        step,
        all.loss(),
        all.accuracy(),
        all.margin(),
        all.pairs(),
        all.accuracyStandardError(),
        "pairs");
  }

  @Override
  public Map<String, TrainingSummary.SourceAccuracy> bySource() {
    Map<String, TrainingSummary.SourceAccuracy> accuracies = new TreeMap<>();
    bySource.forEach(
        (source, statistics) ->
            accuracies.put(
                source,
                new TrainingSummary.SourceAccuracy(
                    statistics.pairs(),
                    statistics.accuracy(),
                    statistics.accuracyStandardError(),
                    (double) longerWins.get(source) / statistics.pairs())));
    return accuracies;
  }

  @Override
  public double meanReward() {
    return mean(rewards);
  }

  @Override
  public double standardDeviation() {
    return standardDeviation(rewards);
  }

  static double mean(List<Double> rewards) {
    return rewards.stream().mapToDouble(r -> r).average().orElse(0);
  }

  static double standardDeviation(List<Double> rewards) {
    double mean = mean(rewards);
    double variance =
        rewards.stream().mapToDouble(r -> (r - mean) * (r - mean)).average().orElse(0);
    return Math.sqrt(variance);
  }
}
