package assay.rm.armorm;

import assay.rm.BradleyTerryLoss;

/**
 * What the gate learned, on held-out pairs of K objectives.
 *
 * @param pairs how many
 * @param accuracy pairs whose chosen answer scores higher; a tie is wrong
 * @param uniformAccuracy the same with equal weights on all objectives: what the gate has to beat
 * @param objectiveAccuracy the same for each objective's transformed reward alone
 * @param loss mean of -log sigmoid of the scores' difference
 * @param meanWeight each objective's mean share, {@code [K]}; they add up to 1
 * @param topShare share of the prompts for which it weighs most, {@code [K]}
 * @param meanEntropy of a prompt's weights, in nats: 0 is one objective, log K all alike
 * @param entropyOfMean of the mean weights; above the mean entropy by what depends on the prompt
 * @param logitScale the gate's factor
 */
public record GateReport(
    int pairs,
    double accuracy,
    double uniformAccuracy,
    double[] objectiveAccuracy,
    double loss,
    double[] meanWeight,
    double[] topShare,
    double meanEntropy,
    double entropyOfMean,
    double logitScale) {

  /**
   * Judges pairs.
   *
   * @param evaluation of them
   * @param chosen the chosen answers' rewards, after T, {@code [pairs][K]}
   * @param rejected likewise
   */
  static GateReport of(
      GatingTraining.Evaluation evaluation,
      float[][] chosen,
      float[][] rejected,
      double logitScale) {
    int pairs = chosen.length;
    int objectives = chosen[0].length;
    double[] meanWeight = new double[objectives];
    double[] topShare = new double[objectives];
    double[] objectiveAccuracy = new double[objectives];
    double accuracy = 0;
    double uniformAccuracy = 0;
    double loss = 0;
    double entropy = 0;
    for (int i = 0; i < pairs; i++) {
      double difference = (double) evaluation.scores()[2 * i] - evaluation.scores()[2 * i + 1];
      accuracy += difference > 0 ? 1.0 / pairs : 0;
      loss -= BradleyTerryLoss.logSigmoid(difference) / pairs;
      double uniform = 0;
      double[] shares = shares(evaluation.gates()[i]);
      int top = 0;
      for (int k = 0; k < objectives; k++) {
        double own = (double) chosen[i][k] - rejected[i][k];
        uniform += own;
        objectiveAccuracy[k] += own > 0 ? 1.0 / pairs : 0;
        meanWeight[k] += shares[k] / pairs;
        top = shares[k] > shares[top] ? k : top;
      }
      topShare[top] += 1.0 / pairs;
      uniformAccuracy += uniform > 0 ? 1.0 / pairs : 0;
      entropy += entropy(shares) / pairs;
    }
    return new GateReport(
        pairs,
        accuracy,
        uniformAccuracy,
        objectiveAccuracy,
        loss,
        meanWeight,
        topShare,
        entropy,
        entropy(meanWeight),
        logitScale);
  }

  /** A gate's weights without its factor: they add up to 1. */
  private static double[] shares(float[] gate) {
    double sum = 0;
    for (float weight : gate) {
      sum += weight;
    }
    double[] shares = new double[gate.length];
    for (int k = 0; k < gate.length; k++) {
      shares[k] = gate[k] / sum;
    }
    return shares;
  }

  private static double entropy(double[] shares) {
    double sum = 0;
    for (double share : shares) {
      sum -= share > 0 ? share * Math.log(share) : 0;
    }
    return Math.max(0, sum); // rounded shares may add up to more than 1
  }
}
