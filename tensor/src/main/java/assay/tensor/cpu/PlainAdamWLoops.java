package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.getFloat;
import static assay.tensor.cpu.Memory.setFloat;

/** AdamW without the Vector API; also the end of a run that is shorter than a vector. */
final class PlainAdamWLoops implements AdamWLoops {
  @Override
  public void step(Numbers n, long weight, long gradient, long m, long v, long count) {
    for (long i = 0; i < 4 * count; i += 4) {
      float g = getFloat(gradient + i) * n.gradientScale();
      float newM = getFloat(m + i) * n.beta1() + g * n.oneLessBeta1();
      float newV = getFloat(v + i) * n.beta2() + g * g * n.oneLessBeta2();
      float denominator = (float) Math.sqrt(newV) / n.correction2() + n.epsilon();
      setFloat(m + i, newM);
      setFloat(v + i, newV);
      setFloat(weight + i, getFloat(weight + i) * n.decay() - newM / denominator * n.stepSize());
    }
  }
}
