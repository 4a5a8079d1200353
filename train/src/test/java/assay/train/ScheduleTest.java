package assay.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Values of transformers 5.23.0's get_*_schedule_with_warmup, 3 steps of warm-up of 10. */
class ScheduleTest {
  @Test
  void cosineIsThatOfTransformers() {
    double[] expected = {
      0,
      1 / 3.0,
      2 / 3.0,
      1,
      0.9504844339512095,
      0.8117449009293668,
      0.6112604669781572,
      0.38873953302184283,
      0.18825509907063326,
      0.04951556604879048,
      0
    };
    assertFactors(expected, Schedule.Kind.COSINE);
  }

  @Test
  void linearIsThatOfTransformers() {
    double[] expected = {
      0,
      1 / 3.0,
      2 / 3.0,
      1,
      0.8571428571428571,
      0.7142857142857143,
      0.5714285714285714,
      0.42857142857142855,
      0.2857142857142857,
      0.14285714285714285,
      0
    };
    assertFactors(expected, Schedule.Kind.LINEAR);
  }

  @Test
  void constantStaysAfterTheWarmUp() {
    assertFactors(new double[] {0, 1 / 3.0, 2 / 3.0, 1, 1, 1, 1}, Schedule.Kind.CONSTANT);
  }

  @Test
  void clippingIsThatOfTorch() {
    assertEquals(1, GradientNorm.clippingFactor(0.5, 1));
    assertEquals(1 / (4 + 1e-6), GradientNorm.clippingFactor(4, 1), 1e-15);
    assertEquals(1, GradientNorm.clippingFactor(100, 0));
  }

  private static void assertFactors(double[] expected, Schedule.Kind kind) {
    Schedule schedule = new Schedule(kind, 3, 10);
    for (int step = 0; step < expected.length; step++) {
      assertEquals(expected[step], schedule.factor(step), 1e-15, kind + " at step " + step);
    }
  }
}
