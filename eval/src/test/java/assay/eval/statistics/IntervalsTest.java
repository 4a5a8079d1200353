package assay.eval.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.eval.Fixtures;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class IntervalsTest {
  private static final JsonNode GOLDEN = Fixtures.json("golden/statistics/statistics.json");

  @Test
  void wilsonIsThatOfStatsmodels() {
    for (JsonNode golden : GOLDEN.get("wilson")) {
      long trials = golden.get("trials").longValue();
      Interval interval = Wilson.interval(golden.get("successes").doubleValue() / trials, trials);
      double[] expected = Fixtures.doubles(golden.get("interval"));
      assertArrayEquals(
          expected, new double[] {interval.low(), interval.high()}, 1e-12, golden.toString());
    }
  }

  @Property
  void wilsonContainsTheEstimate(
      @ForAll @IntRange(min = 1, max = 100_000) int trials, @ForAll @IntRange(min = 0) int any) {
    double share = (double) (any % (trials + 1)) / trials;
    Interval interval = Wilson.interval(share, trials);
    assertTrue(0 <= interval.low() && interval.low() <= share);
    assertTrue(share <= interval.high() && interval.high() <= 1);
  }

  @Test
  void wilsonNeedsATrial() {
    assertThrows(IllegalArgumentException.class, () -> Wilson.interval(0.5, 0));
    assertThrows(IllegalArgumentException.class, () -> Wilson.interval(Double.NaN, 3));
  }

  private static Stratum stratum(String name) {
    return new Stratum(name, 1, Fixtures.doubles(GOLDEN.get("bootstrap").get(name)));
  }

  /** The ends of both intervals vary by some hundredths of a standard error. */
  private static void assertInterval(JsonNode expected, Interval interval, double standardError) {
    assertEquals(expected.get(0).doubleValue(), interval.low(), 0.1 * standardError);
    assertEquals(expected.get(1).doubleValue(), interval.high(), 0.1 * standardError);
  }

  @Test
  void bootstrapOfTwoStrataIsThatOfScipy() {
    JsonNode golden = GOLDEN.get("bootstrap");
    Function<double[][], double[]> score =
        means -> new double[] {(2 * means[0][0] + means[1][0]) / 3};
    double[] replicates =
        new Bootstrap(20_000, 1).replicates(List.of(stratum("won"), stratum("margin")), score)[0];
    double exact = golden.get("standard_error").doubleValue();
    // The standard error of a standard error is 1 / sqrt(2 * 20,000) of it.
    assertEquals(exact, Bootstrap.standardError(replicates), 0.025 * exact);
    assertInterval(golden.get("interval"), Bootstrap.interval(replicates), exact);
  }

  @Test
  void rowsOfTwoModelsAreDrawnTogether() {
    JsonNode golden = GOLDEN.get("bootstrap");
    Stratum both = stratum("won").beside(stratum("other"));
    assertEquals(2, both.width());
    double[] replicates =
        new Bootstrap(20_000, 2)
            .replicates(List.of(both), means -> new double[] {means[0][0] - means[0][1]})[0];
    PairedDifference difference = PairedDifference.of(both.means()[0], both.means()[1], replicates);
    double exact = golden.get("paired_standard_error").doubleValue();
    assertEquals(exact, difference.standardError(), 0.025 * exact);
    // Differences of shares of 60 come in steps of 1/60, a third of a standard error.
    double[] expected = Fixtures.doubles(golden.get("paired_interval"));
    assertEquals(expected[0], difference.interval().low(), 1 / 60.0 + 1e-12);
    assertEquals(expected[1], difference.interval().high(), 1 / 60.0 + 1e-12);
    double detectable = golden.get("paired_detectable").doubleValue();
    assertEquals(detectable, difference.smallestDetectable(), 0.025 * detectable);
    PairedDifference known = new PairedDifference(0, 0, exact, difference.interval());
    assertEquals(detectable, known.smallestDetectable(), 1e-5 * detectable);
  }

  @Test
  void resamplesOfEqualRowsAreAllTheSame() {
    Stratum same = new Stratum("same", 2, new double[] {1, 4, 1, 4, 1, 4});
    double[][] replicates =
        new Bootstrap(50, 3).replicates(List.of(same), means -> means[0].clone());
    assertTrue(Arrays.stream(replicates[0]).allMatch(x -> x == 1));
    assertTrue(Arrays.stream(replicates[1]).allMatch(x -> x == 4));
    assertEquals(0, Bootstrap.standardError(replicates[1]));
  }

  @Test
  void rowsMayAllBeDifferent() {
    double[] values = IntStream.range(0, 200_000).mapToDouble(i -> i / 200_000.0).toArray();
    double[] replicates =
        new Bootstrap(4, 5)
            .replicates(List.of(new Stratum("all", 1, values)), means -> means[0])[0];
    // The standard error is 0.29 / sqrt(200,000).
    assertTrue(Arrays.stream(replicates).allMatch(x -> Math.abs(x - 0.5) < 0.005));
    assertEquals(4, Arrays.stream(replicates).distinct().count());
  }

  @Test
  void quantilesAreNumpysDefault() {
    double[] sorted = {1, 2, 4, 8};
    assertEquals(1, Bootstrap.quantile(sorted, 0));
    assertEquals(3, Bootstrap.quantile(sorted, 0.5));
    assertEquals(8, Bootstrap.quantile(sorted, 1));
    assertEquals(1.3, Bootstrap.quantile(sorted, 0.1), 1e-15);
  }

  @Test
  void raggedRowsAreNoStratum() {
    assertThrows(IllegalArgumentException.class, () -> new Stratum("s", 2, new double[3]));
    assertThrows(IllegalArgumentException.class, () -> new Stratum("s", 1, new double[0]));
  }
}
