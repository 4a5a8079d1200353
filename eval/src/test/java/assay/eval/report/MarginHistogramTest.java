package assay.eval.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MarginHistogramTest {
  @Test
  void winsAndLossesMeetAtABinsEdgeAndTiesAreLosses() {
    MarginHistogram histogram = MarginHistogram.of(new double[] {-1, -0.01, 0, 0.01, 3});
    int zero = (int) Math.round(-histogram.low() / histogram.width());
    assertEquals(0, histogram.low() + zero * histogram.width(), 1e-12);
    assertEquals(3, LongStream.of(histogram.rows()).limit(zero).sum());
    assertEquals(2, LongStream.of(histogram.rows()).skip(zero).sum());
  }

  @Test
  void equalScoresAreOneBin() {
    assertArrayEquals(new long[] {2}, MarginHistogram.of(new double[] {0, 0}).rows());
  }

  @Test
  void extremesAreHeldByTheOuterBins() {
    double[] margins = new double[1000];
    for (int i = 0; i < margins.length; i++) {
      margins[i] = (i - 500) / 500.0;
    }
    margins[0] = -1e9;
    MarginHistogram histogram = MarginHistogram.of(margins);
    assertEquals(1000, LongStream.of(histogram.rows()).sum());
    assertEquals(-1, histogram.low(), 0.1);
  }
}
