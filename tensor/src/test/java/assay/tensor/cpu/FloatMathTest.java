package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.UnaryKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How far the exponential functions are from those of {@link Math}. */
class FloatMathTest {
  private static final List<UnaryKind> FUNCTIONS =
      List.of(
          UnaryKind.EXP, UnaryKind.LOG, UnaryKind.TANH, UnaryKind.SIGMOID, UnaryKind.LOG_SIGMOID);

  /** Steps through the bit patterns of all floats; a prime, so that the last bits vary. */
  private static final int STRIDE = 2_003;

  @Test
  void relativeErrorStaysBelowItsBoundOverAllFloats() {
    for (UnaryKind kind : FUNCTIONS) {
      double worst = 0;
      float worstAt = 0;
      for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STRIDE) {
        float x = Float.intBitsToFloat((int) bits);
        double exact = ReferenceBackend.apply(kind, x);
        float got = FloatMath.apply(kind, x);
        double error = relativeError(exact, got);
        if (error > worst) {
          worst = error;
          worstAt = x;
        }
      }
      assertTrue(worst < FloatMath.RELATIVE_ERROR, kind + ": " + worst + " at " + worstAt);
    }
  }

  /** Relative to the value, or to the smallest normal float where the value is below it. */
  private static double relativeError(double exact, float got) {
    float rounded = (float) exact;
    if (Float.isNaN(rounded) || Float.isInfinite(rounded)) {
      return Float.compare(rounded, got) == 0 || isAtTheEdge(exact, got) ? 0 : 1;
    }
    return Math.abs(got - exact) / Math.max(Math.abs(exact), Float.MIN_NORMAL);
  }

  /** The last finite value and infinity are one spacing apart. */
  private static boolean isAtTheEdge(double exact, float got) {
    return got == Float.MAX_VALUE && exact < 1.0000002 * Float.MAX_VALUE;
  }

  @Test
  void limitsAreTheExactOnes() {
    float infinity = Float.POSITIVE_INFINITY;
    assertEquals(0, FloatMath.exp(-infinity));
    assertEquals(infinity, FloatMath.exp(infinity));
    assertEquals(1, FloatMath.exp(0));
    assertEquals(-infinity, FloatMath.log(0));
    assertEquals(infinity, FloatMath.log(infinity));
    assertEquals(0, FloatMath.log(1));
    assertEquals(Float.NaN, FloatMath.log(-1));
    assertEquals(1, FloatMath.tanh(infinity));
    assertEquals(-1, FloatMath.tanh(-infinity));
    assertEquals(0, FloatMath.sigmoid(-infinity));
    assertEquals(1, FloatMath.sigmoid(infinity));
    assertEquals(-infinity, FloatMath.logSigmoid(-infinity));
    assertEquals(0, FloatMath.logSigmoid(infinity));
    for (UnaryKind kind : FUNCTIONS) {
      assertEquals(Float.NaN, FloatMath.apply(kind, Float.NaN), kind.toString());
    }
  }
}
