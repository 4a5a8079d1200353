package assay.eval.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.eval.Fixtures;
import assay.rm.armorm.Spearman;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class CalibrationTest {
  private static final JsonNode STATISTICS = Fixtures.json("golden/statistics/statistics.json");
  private static final JsonNode GOLDEN = STATISTICS.get("calibration");
  private static final double[] MARGINS = Fixtures.doubles(GOLDEN.get("margins"));

  @Test
  void errorsAndCurveAreThoseOfScikitLearn() {
    Calibration calibration = Calibration.of(MARGINS);
    assertEquals(GOLDEN.get("brier").doubleValue(), calibration.brier(), 1e-12);
    assertEquals(GOLDEN.get("log_loss").doubleValue(), calibration.logLoss(), 1e-12);
    assertEquals(GOLDEN.get("expected_error").doubleValue(), calibration.expectedError(), 1e-12);
    for (int bin = 0; bin < Calibration.NUM_BINS; bin++) {
      Calibration.Bin actual = calibration.bins().get(bin);
      assertEquals(GOLDEN.get("accuracy").get(bin).doubleValue(), actual.accuracy(), 1e-12);
      assertEquals(GOLDEN.get("confidence").get(bin).doubleValue(), actual.confidence(), 1e-12);
      assertEquals(0.5 + 0.05 * bin, actual.low(), 1e-15);
    }
  }

  @Test
  void temperatureIsTheMinimumThatScipyFinds() {
    double temperature = Temperature.fit(MARGINS).orElseThrow();
    assertEquals(GOLDEN.get("temperature").doubleValue(), temperature, 1e-9);
    double[] cooled = Arrays.stream(MARGINS).map(m -> m / temperature).toArray();
    assertTrue(Calibration.of(cooled).logLoss() < Calibration.of(MARGINS).logLoss());
    assertEquals(1, Temperature.fit(cooled).orElseThrow(), 1e-9);
  }

  @Property
  void temperatureScalesWithTheMargins(
      @ForAll @Size(min = 2, max = 20) List<@DoubleRange(min = -3, max = 5) Double> margins,
      @ForAll @DoubleRange(min = 0.01, max = 1e6) double scale) {
    double[] some = margins.stream().mapToDouble(m -> m).toArray();
    double[] scaled = Arrays.stream(some).map(m -> m * scale).toArray();
    OptionalDouble temperature = Temperature.fit(some);
    OptionalDouble ofScaled = Temperature.fit(scaled);
    if (temperature.isPresent() && ofScaled.isPresent()) {
      double expected = temperature.getAsDouble() * scale;
      assertEquals(expected, ofScaled.getAsDouble(), 1e-6 * expected);
    }
  }

  @Test
  void noTemperatureIsBestIfAllAreRightOrMostAreWrong() {
    assertEquals(OptionalDouble.empty(), Temperature.fit(new double[] {1, 2, 0}));
    assertEquals(OptionalDouble.empty(), Temperature.fit(new double[] {1, -2}));
    assertEquals(OptionalDouble.empty(), Temperature.fit(new double[] {0, 0}));
    assertEquals(OptionalDouble.empty(), Temperature.fit(new double[0]));
  }

  /** Such as a tree's: each margin as often with either sign, so that their mean is rounding. */
  @Test
  void noTemperatureIsBestIfMarginsCancelOut() {
    double[] margins = new double[74];
    for (int i = 0; i < margins.length; i++) {
      margins[i] = i % 2 == 0 ? 0.1 * (1 + i / 2) : -0.1 * (37 - i / 2);
    }
    assertEquals(OptionalDouble.empty(), Temperature.fit(margins));
  }

  @Test
  void hugeMarginsDoNotOverflow() {
    Calibration calibration = Calibration.of(new double[] {1e300, -1e300, 1e300});
    assertEquals(1 / 3.0, calibration.brier(), 1e-15);
    assertEquals(1 / 3.0, calibration.expectedError(), 1e-15);
    double temperature = Temperature.fit(new double[] {1e300, -1e300, 1e300}).orElseThrow();
    assertEquals(1 / Math.log(2), temperature / 1e300, 1e-9); // sigmoid(1/T) = 2/3
  }

  @Test
  void tiesAreHalfRight() {
    Calibration calibration = Calibration.of(new double[] {0, 0, 0});
    assertEquals(0, calibration.expectedError());
    assertEquals(0.25, calibration.brier());
    assertEquals(Math.log(2), calibration.logLoss(), 1e-15);
    assertEquals(3, calibration.bins().getFirst().numPairs());
    assertEquals(0, calibration.bins().getLast().numPairs());
  }

  @Test
  void rankCorrelationWithTiesIsThatOfScipy() {
    JsonNode golden = STATISTICS.get("spearman");
    double correlation =
        Spearman.correlation(Fixtures.doubles(golden.get("x")), Fixtures.doubles(golden.get("y")));
    assertEquals(golden.get("correlation").doubleValue(), correlation, 1e-12);
  }
}
