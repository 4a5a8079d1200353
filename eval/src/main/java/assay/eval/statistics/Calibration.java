package assay.eval.statistics;

import assay.rm.BradleyTerryLoss;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether sigmoid(margin), which Bradley and Terry call the probability that the chosen answer is
 * the better one, is one: of the pairs where the model says 0.8, are 80% right?
 *
 * <p>Every pair's label says "chosen", so probabilities of that label cannot be set against how
 * often it is true. What can be is the model's <em>confidence</em>, sigmoid(|margin|), in [0.5, 1],
 * against how often the answer it prefers is the chosen one (Guo et al. 2017, On Calibration of
 * Modern Neural Networks, eq. 2 and 3). A tie is half right, at the confidence 0.5 that it has.
 *
 * @param brier mean of (1 - sigmoid(margin))^2 (Brier 1950); 0.25 for a model that says 0.5 always
 * @param logLoss mean of -log sigmoid(margin); log 2 for that model
 * @param expectedError ECE: the mean of |accuracy - confidence| over the bins, weighted by pairs
 * @param bins {@link #NUM_BINS} of equal width from 0.5 to 1, empty ones among them: the
 *     reliability curve
 */
public record Calibration(double brier, double logLoss, double expectedError, List<Bin> bins) {
  /** Each 0.05 wide. With both orders of each pair they would be 20 bins from 0 to 1. */
  public static final int NUM_BINS = 10;

  /**
   * Pairs of similar confidence.
   *
   * @param low the least confidence
   * @param numPairs where it is 0, the other two are NaN
   * @param confidence their mean
   * @param accuracy the share of them in which the preferred answer is the chosen one
   */
  public record Bin(double low, long numPairs, double confidence, double accuracy) {
    private Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("low", low);
      json.put("pairs", numPairs);
      json.put("confidence", numPairs == 0 ? null : confidence);
      json.put("accuracy", numPairs == 0 ? null : accuracy);
      json.put("interval", numPairs == 0 ? null : Wilson.interval(accuracy, numPairs).toJson());
      return json;
    }
  }

  /**
   * @param margins the chosen answer's reward less the rejected one's; at least one
   */
  public static Calibration of(double[] margins) {
    double brier = 0;
    double logLoss = 0;
    long[] pairs = new long[NUM_BINS];
    double[] confidence = new double[NUM_BINS];
    double[] right = new double[NUM_BINS];
    for (double margin : margins) {
      double error = sigmoid(-margin);
      brier += error * error;
      logLoss -= BradleyTerryLoss.logSigmoid(margin);
      double certainty = sigmoid(Math.abs(margin));
      int bin = Math.min((int) ((certainty - 0.5) * 2 * NUM_BINS), NUM_BINS - 1);
      pairs[bin]++;
      confidence[bin] += certainty;
      right[bin] += margin > 0 ? 1 : margin == 0 ? 0.5 : 0;
    }
    double expectedError = 0;
    List<Bin> bins = new ArrayList<>();
    for (int bin = 0; bin < NUM_BINS; bin++) {
      double low = 0.5 + 0.5 * bin / NUM_BINS;
      bins.add(new Bin(low, pairs[bin], confidence[bin] / pairs[bin], right[bin] / pairs[bin]));
      expectedError += Math.abs(right[bin] - confidence[bin]) / margins.length;
    }
    return new Calibration(
        brier / margins.length, logLoss / margins.length, expectedError, List.copyOf(bins));
  }

  static double sigmoid(double x) {
    return Math.exp(BradleyTerryLoss.logSigmoid(x));
  }

  /** As result files have it. */
  public Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("brier", brier);
    json.put("log_loss", logLoss);
    json.put("expected_calibration_error", expectedError);
    json.put("bins", bins.stream().map(Bin::toJson).toList());
    return json;
  }
}
