package assay.rm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.autograd.GradCheck;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BradleyTerryLossTest {
  @Property(tries = 100)
  void gradientMatchesFiniteDifferences(
      @ForAll @IntRange(min = 1, max = 6) int numPairs,
      @ForAll @DoubleRange(min = 0, max = 1) double centering,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] margins = random.doubles(numPairs, 0, 2).toArray();
    double[] targets = random.doubles(numPairs, 0, 1).toArray();
    double[] rewards = random.doubles(2L * numPairs, -3, 3).toArray();
    try (Device device = Device.cpuReference(1)) {
      double error =
          GradCheck.worstError(
              device,
              new BradleyTerryLoss(margins, targets, centering, numPairs + 1),
              List.of(new GradCheck.Input(Shape.of(2 * numPairs, 1), rewards, true)),
              new double[] {1.5});
      assertTrue(error < 1e-6, "off by " + error);
    }
  }

  /** By hand: -log sigmoid(1 - 0.5) = log(1 + e^-0.5), and 0.1 (2 + 1)^2. */
  @Test
  void marginAndCenteringAreAsInTheirPapers() {
    assertEquals(Math.log1p(Math.exp(-0.5)) + 0.1 * 9, loss(0.1, 0.5, 2, 1), 1e-12);
  }

  @Test
  void hugeDifferencesStayFinite() {
    assertEquals(0, loss(0, 0, 1e4, -1e4), 1e-300);
    assertEquals(2e4, loss(0, 0, -1e4, 1e4), 1e-9);
  }

  private static double loss(double centering, double margin, double chosen, double rejected) {
    try (Device device = Device.cpuReference(1)) {
      GradCheck.Input rewards =
          new GradCheck.Input(Shape.of(2, 1), new double[] {chosen, rejected}, true);
      BradleyTerryLoss op = BradleyTerryLoss.labelled(new double[] {margin}, centering, 1);
      return GradCheck.forward(device, DType.F64, op, List.of(rewards))[0];
    }
  }
}
