package assay.rm;

import java.util.Map;

/** What the held-out rows say of a model. */
sealed interface HeldOutEvaluation permits HeldOutPairs, HeldOutTexts {
  MetricsLog.Evaluation row(long step);

  /** One entry for each source that rows name. */
  Map<String, TrainingSummary.SourceAccuracy> bySource();

  double meanReward();

  double standardDeviation();
}
