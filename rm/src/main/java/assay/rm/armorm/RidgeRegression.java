package assay.rm.armorm;

import assay.tensor.Bytes;
import assay.tensor.InvalidInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Stage 1: one ridge regression without intercept for each attribute, from a text's last state to
 * its rating, on the rows that have one (Wang et al. 2024, section 2.1):
 *
 * <p>{@code (X^T X + alpha I) w = X^T y}
 *
 * <p>The sums are made in F64, in one pass over the training rows; a second pass, over the held-out
 * rows, says which alpha predicts best. Nothing grows with the number of rows but the ratings.
 *
 * <p>Attributes that the same rows have rated share X^T X and its decompositions. In practice that
 * is every data source's attributes: the 19 published ones need about 6 matrices of 71 MB (hidden
 * size 4096) instead of 19, and each row is added once. Attributes that share no mask cost a matrix
 * each, 1.3 GB for all 19.
 */
public final class RidgeRegression {
  /** Attributes of which the same training rows are rated. */
  private static final class Group {
    final BitSet rows;
    final List<Integer> attributes;
    final SymmetricMatrix gram;
    final List<float[]> pending = new ArrayList<>();

    Group(BitSet rows, List<Integer> attributes, int hiddenSize) {
      this.rows = rows;
      this.attributes = attributes;
      this.gram = new SymmetricMatrix(hiddenSize);
    }

    void add(float[] state) {
      pending.add(state);
      if (pending.size() == SymmetricMatrix.RUN) {
        flush();
      }
    }

    void flush() {
      gram.addOuterProducts(pending.toArray(float[][]::new));
      pending.clear();
    }
  }

  /**
   * The result, for K attributes and A alphas.
   *
   * @param weights {@code [K][hidden]}, of the training rows with the best alpha
   * @param alphas the best one for each attribute
   * @param errors {@code [K][A]} mean squared errors on the held-out rows; infinite where the
   *     matrix is not positive definite in F64
   * @param spearman of prediction and rating on the held-out rows; NaN if all ratings are equal
   * @param trainingRatings how many ratings each attribute has in the training rows
   * @param heldOutRatings likewise in the held-out ones
   */
  public record Fit(
      double[][] weights,
      double[] alphas,
      double[][] errors,
      double[] spearman,
      int[] trainingRatings,
      int[] heldOutRatings) {
    /** The held-out error of the best alpha. */
    public double error(int attribute) {
      return Arrays.stream(errors[attribute]).min().orElseThrow();
    }
  }

  private final EmbeddedRows rows;
  private final float[][] ratings; // [N][K], NaN where there is none
  private final BitSet heldOut;
  private final List<Double> alphas;
  private final int numAttributes;

  private RidgeRegression(
      EmbeddedRows rows, float[][] ratings, BitSet heldOut, List<Double> alphas) {
    this.rows = rows;
    this.ratings = ratings;
    this.heldOut = heldOut;
    this.alphas = alphas;
    this.numAttributes = ratings[0].length;
  }

  /**
   * Fits all attributes. Each must have ratings on both sides: its split sees to it.
   *
   * @param ratings {@code [N][K]}, NaN where there is none
   * @param heldOut the rows that choose alpha, and are not fitted
   */
  public static Fit fit(EmbeddedRows rows, float[][] ratings, BitSet heldOut, List<Double> alphas) {
    RidgeRegression regression = new RidgeRegression(rows, ratings, heldOut, alphas);
    return regression.judge(regression.solve());
  }

  /**
   * What a fit needs, all of it on the host.
   *
   * @param groups attributes that the same rows rate count once
   * @param bytes of the matrices: one for each group, and the one that is being decomposed
   * @param multiplyAdds in F64: of the sums and of the decompositions
   */
  public record Plan(int groups, long bytes, double multiplyAdds) {
    public List<String> describe() {
      return List.of(
          "ridge regressions, on the host: %d groups of attributes, matrices of %s"
              .formatted(groups, Bytes.format(bytes)),
          "  %.3g multiply-adds in F64".formatted(multiplyAdds));
    }
  }

  /** Plans {@link #fit}. */
  public static Plan plan(float[][] ratings, BitSet heldOut, int hiddenSize, int numAlphas) {
    EmbeddedRows rows = EmbeddedRows.zeros(ratings.length, hiddenSize);
    RidgeRegression regression = new RidgeRegression(rows, ratings, heldOut, List.of());
    double square = (double) hiddenSize * hiddenSize;
    Set<BitSet> groups = regression.attributesByRows().keySet();
    double sums = groups.stream().mapToDouble(rated -> rated.cardinality() * square / 2).sum();
    double decompositions = square * hiddenSize / 6 * groups.size() * numAlphas;
    long bytes = (groups.size() + 1) * SymmetricMatrix.bytes(hiddenSize);
    return new Plan(groups.size(), bytes, sums + decompositions);
  }

  /** Attributes by the training rows that rate them. */
  private Map<BitSet, List<Integer>> attributesByRows() {
    Map<BitSet, List<Integer>> attributes = new LinkedHashMap<>();
    for (int k = 0; k < numAttributes; k++) {
      attributes.computeIfAbsent(trainingRows(k), rows -> new ArrayList<>()).add(k);
    }
    return attributes;
  }

  /** The weights {@code [K][A][hidden]}; null where the matrix is not positive definite. */
  private double[][][] solve() {
    List<Group> groups = new ArrayList<>();
    attributesByRows()
        .forEach(
            (rated, attributes) -> groups.add(new Group(rated, attributes, rows.hiddenSize())));
    double[][] targets = new double[numAttributes][rows.hiddenSize()]; // X^T y
    rows.forEach(
        (firstRow, states) -> {
          for (int i = 0; i < states.length; i++) {
            add(groups, targets, firstRow + i, states[i]);
          }
        });
    double[][][] weights = new double[numAttributes][alphas.size()][];
    for (Group group : groups) {
      group.flush();
      for (int a = 0; a < alphas.size(); a++) {
        SymmetricMatrix matrix = group.gram.copy();
        matrix.addToDiagonal(alphas.get(a));
        Optional<Cholesky> decomposition = Cholesky.decompose(matrix);
        for (int k : group.attributes) {
          weights[k][a] = decomposition.isEmpty() ? null : decomposition.get().solve(targets[k]);
        }
      }
    }
    return weights;
  }

  private BitSet trainingRows(int attribute) {
    BitSet rated = new BitSet(ratings.length);
    for (int row = 0; row < ratings.length; row++) {
      rated.set(row, !heldOut.get(row) && !Float.isNaN(ratings[row][attribute]));
    }
    return rated;
  }

  private void add(Iterable<Group> groups, double[][] targets, int row, float[] state) {
    for (Group group : groups) {
      if (group.rows.get(row)) {
        group.add(state);
        for (int k : group.attributes) {
          double rating = ratings[row][k];
          double[] target = targets[k];
          for (int j = 0; j < state.length; j++) {
            target[j] += rating * state[j];
          }
        }
      }
    }
  }

  /** Predicts the held-out ratings with every alpha, and takes the best. */
  private Fit judge(double[][][] weights) {
    double[][][] predictions = new double[ratings.length][numAttributes][]; // held-out rows alone
    rows.forEach(
        (firstRow, states) ->
            IntStream.range(0, states.length)
                .parallel()
                .filter(i -> heldOut.get(firstRow + i))
                .forEach(i -> predict(weights, states[i], predictions, firstRow + i)));
    double[][] best = new double[numAttributes][];
    double[] bestAlphas = new double[numAttributes];
    double[][] errors = new double[numAttributes][];
    double[] spearman = new double[numAttributes];
    int[] trainingRatings = new int[numAttributes];
    int[] heldOutRatings = new int[numAttributes];
    for (int k = 0; k < numAttributes; k++) {
      int[] rated = heldOutRows(k);
      errors[k] = errors(k, rated, predictions);
      int choice = smallest(errors[k]);
      best[k] = weights[k][choice];
      bestAlphas[k] = alphas.get(choice);
      spearman[k] = spearman(k, rated, choice, predictions);
      trainingRatings[k] = trainingRows(k).cardinality();
      heldOutRatings[k] = rated.length;
    }
    return new Fit(best, bestAlphas, errors, spearman, trainingRatings, heldOutRatings);
  }

  private void predict(double[][][] weights, float[] state, double[][][] predictions, int row) {
    for (int k = 0; k < numAttributes; k++) {
      if (!Float.isNaN(ratings[row][k])) {
        double[] byAlpha = new double[alphas.size()];
        for (int a = 0; a < byAlpha.length; a++) {
          byAlpha[a] = weights[k][a] == null ? Double.NaN : dot(weights[k][a], state);
        }
        predictions[row][k] = byAlpha;
      }
    }
  }

  /** w x, in four sums, since each addition waits for the one before. */
  static double dot(double[] w, float[] x) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    int j = 0;
    for (; j + 3 < w.length; j += 4) {
      sum0 += w[j] * x[j];
      sum1 += w[j + 1] * x[j + 1];
      sum2 += w[j + 2] * x[j + 2];
      sum3 += w[j + 3] * x[j + 3];
    }
    for (; j < w.length; j++) {
      sum0 += w[j] * x[j];
    }
    return sum0 + sum1 + (sum2 + sum3);
  }

  private int[] heldOutRows(int attribute) {
    return heldOut.stream().filter(row -> !Float.isNaN(ratings[row][attribute])).toArray();
  }

  private double[] errors(int attribute, int[] rated, double[][][] predictions) {
    double[] errors = new double[alphas.size()];
    for (int a = 0; a < errors.length; a++) {
      double sum = 0;
      for (int row : rated) {
        double difference = predictions[row][attribute][a] - ratings[row][attribute];
        sum += difference * difference;
      }
      errors[a] = Double.isNaN(sum) ? Double.POSITIVE_INFINITY : sum / rated.length;
    }
    return errors;
  }

  private int smallest(double[] errors) {
    int best = 0;
    for (int a = 1; a < errors.length; a++) {
      best = errors[a] < errors[best] ? a : best;
    }
    if (Double.isInfinite(errors[best])) {
      throw new InvalidInputException(
          "armorm.alphas: with none of "
              + alphas
              + " are the ridge equations positive definite; add a larger one");
    }
    return best;
  }

  private double spearman(int attribute, int[] rated, int alpha, double[][][] predictions) {
    double[] predicted =
        Arrays.stream(rated).mapToDouble(r -> predictions[r][attribute][alpha]).toArray();
    double[] actual = Arrays.stream(rated).mapToDouble(r -> ratings[r][attribute]).toArray();
    return Spearman.correlation(predicted, actual);
  }
}
