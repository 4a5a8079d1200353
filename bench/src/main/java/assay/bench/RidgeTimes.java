package assay.bench;

import assay.rm.armorm.EmbeddedRows;
import assay.rm.armorm.RidgeRegression;
import assay.rm.recipe.ArmoRmOptions;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * ArmoRM's stage 1 at the size of the published one, on random states: 19 attributes in 7 groups,
 * as its 7 sources rate them, each row rated by one source.
 *
 * <p>Usage: {@code bench/run assay.bench.RidgeTimes ROWS [HIDDEN_SIZE]}.
 */
public final class RidgeTimes {
  /** Attributes of each source: HelpSteer, UltraFeedback, BeaverTails, ... */
  private static final int[] SOURCES = {5, 5, 1, 1, 1, 1, 5};

  private static final int ROWS_AT_ONCE = 512;

  private RidgeTimes() {}

  /** Prints the plan, and what was measured. */
  public static void main(String... arguments) {
    int numRows = Integer.parseInt(arguments[0]);
    int hiddenSize = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4096;
    float[][] ratings = ratings(numRows);
    BitSet heldOut = new BitSet(numRows);
    heldOut.set(numRows * 4 / 5, numRows);
    int numAlphas = ArmoRmOptions.ALPHAS.size();
    System.out.printf("%d rows of %d%n", numRows, hiddenSize);
    RidgeRegression.Plan plan = RidgeRegression.plan(ratings, heldOut, hiddenSize, numAlphas);
    plan.describe().forEach(System.out::println);
    long start = System.nanoTime();
    RidgeRegression.fit(states(numRows, hiddenSize), ratings, heldOut, ArmoRmOptions.ALPHAS);
    double seconds = (System.nanoTime() - start) * 1e-9;
    System.out.printf(
        Locale.ROOT,
        "%.1f s, %.1f GFLOP/s in F64; the states twice generated in it%n",
        seconds,
        2 * plan.multiplyAdds() / seconds * 1e-9);
  }

  private static float[][] ratings(int numRows) {
    SplittableRandom random = new SplittableRandom(1);
    float[][] ratings = new float[numRows][Arrays.stream(SOURCES).sum()];
    for (int row = 0; row < numRows; row++) {
      Arrays.fill(ratings[row], Float.NaN);
      int source = row % SOURCES.length;
      int first = Arrays.stream(SOURCES, 0, source).sum();
      for (int k = first; k < first + SOURCES[source]; k++) {
        ratings[row][k] = (float) random.nextDouble();
      }
    }
    return ratings;
  }

  /** Made again whenever they are gone through, in place of being read from a disk. */
  private static EmbeddedRows states(int numRows, int hiddenSize) {
    return new EmbeddedRows() {
      @Override
      public int numRows() {
        return numRows;
      }

      @Override
      public int hiddenSize() {
        return hiddenSize;
      }

      @Override
      public void forEach(Visitor visitor) {
        for (int start = 0; start < numRows; start += ROWS_AT_ONCE) {
          int firstRow = start;
          float[][] states = new float[Math.min(ROWS_AT_ONCE, numRows - start)][hiddenSize];
          IntStream.range(0, states.length).parallel().forEach(i -> fill(states[i], firstRow + i));
          visitor.visit(firstRow, states);
        }
      }
    };
  }

  private static void fill(float[] state, int row) {
    SplittableRandom random = new SplittableRandom(row);
    for (int j = 0; j < state.length; j++) {
      state[j] = (float) random.nextDouble(-1, 1);
    }
  }
}
