package assay.rm.armorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerbosityDebiasingTest {
  @Test
  void correlationsAreThoseOfScipy() {
    try (Goldens golden = new Goldens("armorm")) {
      double[][] rewards = golden.rows("debias.reference_rewards");
      double[][] expected = golden.rows("debias.spearman");
      double[] grid = golden.doubles("debias.penalty_grid");
      int verbosity = golden.ints("verbosity_index")[0];
      double[] verbose = Arrays.stream(rewards).mapToDouble(row -> row[verbosity]).toArray();
      for (int k = 0; k < verbosity; k++) {
        for (int p = 0; p < grid.length; p++) {
          int objective = k;
          double penalty = grid[p];
          double[] adjusted =
              Arrays.stream(rewards)
                  .mapToDouble(row -> row[objective] - penalty * row[verbosity])
                  .toArray();
          assertEquals(expected[k][p], Spearman.correlation(adjusted, verbose), 1e-5);
        }
      }
    }
  }

  @Test
  void penaltiesAndTransformAreThoseOfTheReference() {
    try (Goldens golden = new Goldens("armorm")) {
      int verbosity = golden.ints("verbosity_index")[0];
      List<Double> grid = Arrays.stream(golden.doubles("debias.penalty_grid")).boxed().toList();
      double[] penalties =
          VerbosityDebiasing.penalties(
              golden.rows("debias.reference_rewards"),
              verbosity,
              grid,
              golden.doubles("debias.threshold")[0]);
      assertArrayEquals(golden.doubles("debias.penalties"), penalties);
      double[][] transform = VerbosityDebiasing.transform(penalties, verbosity);
      assertArrayEquals(golden.rows("reward_transform_matrix"), transform);
    }
  }

  /** r = 0.3 v + noise: taking 0.3 v off leaves the noise, and 0.3 is among the candidates. */
  @Test
  void theSmallestPenaltyThatFreesAnObjectiveIsTaken() {
    double[][] rewards = new double[400][2];
    for (int i = 0; i < rewards.length; i++) {
      double verbosity = i % 20;
      double noise = Math.floorDiv(i, 20); // independent of it
      rewards[i] = new double[] {noise + 0.3 * verbosity, verbosity};
    }
    double[] penalties =
        VerbosityDebiasing.penalties(rewards, 1, VerbosityDebiasing.PENALTIES, 0.03);
    assertArrayEquals(new double[] {0.3, 1}, penalties);
  }

  @Test
  void equalValuesShareTheirRank() {
    assertArrayEquals(new double[] {1.5, 0, 3, 1.5}, Spearman.ranks(new double[] {2, 1, 5, 2}));
    assertEquals(-1, Spearman.correlation(new double[] {1, 2, 3}, new double[] {9, 4, 1}), 1e-15);
  }
}
