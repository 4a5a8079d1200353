package assay.eval.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.eval.Fixtures;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SignTestTest {
  @Test
  void probabilitiesAreThoseOfStatsmodelsAndScipy() {
    JsonNode cases = Fixtures.json("golden/statistics/statistics.json").get("sign_test");
    for (JsonNode golden : cases) {
      double expected = golden.get("p").doubleValue();
      double actual =
          SignTest.pValue(golden.get("better").longValue(), golden.get("worse").longValue());
      assertEquals(expected, actual, 1e-9 * expected, golden.toString());
    }
  }

  @Test
  void noDifferenceIsNoEvidence() {
    assertEquals(new SignTest(0, 0, 1), SignTest.of(new double[] {1, .5}, new double[] {1, .5}));
  }

  @Test
  void creditsAreComparedRowByRow() {
    double[] first = {1, 1, .5, 0, 1, 1};
    double[] second = {0, .5, 1, 0, 0, 0};
    SignTest test = SignTest.of(first, second);
    assertEquals(4, test.better());
    assertEquals(1, test.worse());
    assertEquals(0.375, test.pValue(), 1e-15);
  }

  @Property
  void aMoreUnevenSplitIsLessProbable(@ForAll @IntRange(min = 3500, max = 5000) int fewer) {
    double p = SignTest.pValue(fewer, 5001);
    assertTrue(p > 0 && p <= 1);
    assertEquals(p, SignTest.pValue(5001, fewer));
    assertTrue(SignTest.pValue(fewer, 5002) <= p);
  }
}
