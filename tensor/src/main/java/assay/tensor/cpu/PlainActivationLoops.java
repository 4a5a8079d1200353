package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.getFloat;
import static assay.tensor.cpu.Memory.setFloat;

/** Activation loops without the Vector API; also the end of a run that is shorter than a vector. */
final class PlainActivationLoops implements ActivationLoops {
  static final float CUBIC = 0.044715f;
  static final float SQRT_2_OVER_PI = 0.7978846f;

  @Override
  public void silu(long gate, long up, long out, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float x = getFloat(gate + i);
      setFloat(out + i, x * FloatMath.sigmoid(x) * getFloat(up + i));
    }
  }

  /** With s = sigmoid(x) and f = x s: f' = s + f (1 - s). */
  @Override
  public void siluGradient(long gate, long up, long dy, long dGate, long dUp, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float x = getFloat(gate + i);
      float gradient = getFloat(dy + i);
      float s = FloatMath.sigmoid(x);
      float f = x * s;
      float slope = Math.fma(f, 1 - s, s);
      setFloat(dGate + i, slope * getFloat(up + i) * gradient);
      setFloat(dUp + i, f * gradient);
    }
  }

  /** With t = tanh(u(x)), u = sqrt(2 / pi) (x + 0.044715 x^3): f = x (1 + t) / 2. */
  @Override
  public void gelu(long gate, long up, long out, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float x = getFloat(gate + i);
      float t = FloatMath.tanh((x * x * CUBIC + 1) * x * SQRT_2_OVER_PI);
      setFloat(out + i, (t + 1) * 0.5f * x * getFloat(up + i));
    }
  }

  /** With h = (1 + t) / 2: f' = h + (1 - t^2) u' x / 2. */
  @Override
  public void geluGradient(long gate, long up, long dy, long dGate, long dUp, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float x = getFloat(gate + i);
      float gradient = getFloat(dy + i);
      float cubic = x * x * CUBIC;
      float t = FloatMath.tanh((cubic + 1) * x * SQRT_2_OVER_PI);
      float h = (t + 1) * 0.5f;
      float innerSlope = Math.fma(cubic, 3, 1) * SQRT_2_OVER_PI;
      float slope = Math.fma((1 - t * t) * innerSlope, x * 0.5f, h);
      setFloat(dGate + i, slope * getFloat(up + i) * gradient);
      setFloat(dUp + i, h * x * gradient);
    }
  }
}
