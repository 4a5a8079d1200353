package assay.rm;

import java.util.List;
import java.util.Map;

/**
 * What held-out texts with labels say of a model.
 *
 * @param accuracy of verdicts; NaN where labels are numbers
 * @param margin of the log-odds of verdicts; likewise
 * @param count of texts or verdicts
 * @param unit what was counted
 * @param rewards of the texts, or log-odds of the verdicts
 */
record HeldOutTexts(
    double loss,
    double accuracy,
    double margin,
    int count,
    String unit,
    double standardError,
    List<Double> rewards)
    implements HeldOutEvaluation {

  @Override
  public MetricsLog.Evaluation row(long step) {
    return new MetricsLog.Evaluation(step, loss, accuracy, margin, count, standardError, unit);
  }

  @Override
  public Map<String, TrainingSummary.SourceAccuracy> bySource() {
    return Map.of();
  }

  @Override
  public double meanReward() {
    return HeldOutPairs.mean(rewards);
  }

  @Override
  public double standardDeviation() {
    return HeldOutPairs.standardDeviation(rewards);
  }
}
