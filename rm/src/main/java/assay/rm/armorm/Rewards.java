package assay.rm.armorm;

import java.util.stream.IntStream;

/** The objectives' rewards of texts whose states are known. */
final class Rewards {
  private Rewards() {}

  /** W h for every row, in F64: {@code [N][K]}. */
  static double[][] of(EmbeddedRows rows, double[][] weights) {
    double[][] rewards = new double[rows.numRows()][weights.length];
    rows.forEach(
        (firstRow, states) ->
            IntStream.range(0, states.length)
                .parallel()
                .forEach(
                    i -> {
                      for (int k = 0; k < weights.length; k++) {
                        rewards[firstRow + i][k] = RidgeRegression.dot(weights[k], states[i]);
                      }
                    }));
    return rewards;
  }

  /** r T. */
  static float[] transformed(double[] rewards, double[][] transform) {
    float[] result = new float[rewards.length];
    for (int k = 0; k < result.length; k++) {
      double sum = 0;
      for (int j = 0; j < rewards.length; j++) {
        sum += rewards[j] * transform[j][k];
      }
      result[k] = (float) sum;
    }
    return result;
  }

  static float[][] transformed(double[][] rewards, double[][] transform) {
    float[][] result = new float[rewards.length][];
    for (int i = 0; i < result.length; i++) {
      result[i] = transformed(rewards[i], transform);
    }
    return result;
  }
}
