package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.getFloat;
import static assay.tensor.cpu.Memory.setFloat;

/** Activation loops without the Vector API; also the end of a run that is shorter than a vector. */
final class PlainActivationLoops implements ActivationLoops {
  static final float CUBIC = 0.044715f;
  static final float SQRT_2_OVER_PI = 0.7978846f;

  @Override
  public void silu(long gate, long s, long up, long out, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      setFloat(out + i, getFloat(gate + i) * getFloat(s + i) * getFloat(up + i));
    }
  }

  @Override
  public void siluGradient(long gate, long s, long up, long dy, long dGate, long dUp, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float sigmoid = getFloat(s + i);
      float f = getFloat(gate + i) * sigmoid;
      float slope = Math.fma(f, 1 - sigmoid, sigmoid);
      float gradient = getFloat(dy + i);
      setFloat(dGate + i, slope * getFloat(up + i) * gradient);
      setFloat(dUp + i, f * gradient);
    }
  }

  @Override
  public void geluInner(long gate, long inner, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float x = getFloat(gate + i);
      setFloat(inner + i, (x * x * CUBIC + 1) * x * SQRT_2_OVER_PI);
    }
  }

  @Override
  public void gelu(long gate, long t, long up, long out, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float h = (getFloat(t + i) + 1) * 0.5f;
      setFloat(out + i, h * getFloat(gate + i) * getFloat(up + i));
    }
  }

  @Override
  public void geluGradient(long gate, long t, long up, long dy, long dGate, long dUp, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float x = getFloat(gate + i);
      float tanh = getFloat(t + i);
      float h = (tanh + 1) * 0.5f;
      float innerSlope = (x * x * (3 * CUBIC) + 1) * SQRT_2_OVER_PI;
      float slope = Math.fma((1 - tanh * tanh) * innerSlope, x * 0.5f, h);
      float gradient = getFloat(dy + i);
      setFloat(dGate + i, slope * getFloat(up + i) * gradient);
      setFloat(dUp + i, h * x * gradient);
    }
  }
}
