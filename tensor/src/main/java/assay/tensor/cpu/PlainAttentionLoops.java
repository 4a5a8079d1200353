package assay.tensor.cpu;

/** Attention loops without the Vector API. */
final class PlainAttentionLoops implements AttentionLoops {
  @Override
  public void scores(long scores, int from, int to, Rule rule, float[] maximum) {
    int columns = maximum.length;
    for (int key = from; key < to; key++) {
      for (int c = 0; c < columns; c++) {
        long address = scores + 4L * (key * columns + c);
        float distance = rule.positions()[c] - key;
        float score = Memory.getFloat(address) * rule.scale();
        if (rule.softCap() > 0) {
          score = rule.softCap() * FloatMath.tanh(score / rule.softCap());
        }
        score = distance >= 0 && distance < rule.window() ? score : Float.NEGATIVE_INFINITY;
        Memory.setFloat(address, score);
        maximum[c] = Math.max(maximum[c], score);
      }
    }
  }

  @Override
  public void probabilities(
      long scores, int from, int to, float[] shift, float[] probabilities, float[] sum) {
    int columns = shift.length;
    for (int c = 0; c < columns; c++) {
      float total = 0;
      for (int key = from; key < to; key++) {
        int i = key * columns + c;
        float p = FloatMath.exp(Memory.getFloat(scores + 4L * i) - shift[c]);
        probabilities[i] = p;
        total += p;
      }
      sum[c] += total;
    }
  }

  @Override
  public void scoreGradients(
      long scores,
      long dProbabilities,
      int from,
      int to,
      Rule rule,
      float[] probabilities,
      float[] delta,
      float[] dScores) {
    int columns = delta.length;
    for (int key = from; key < to; key++) {
      for (int c = 0; c < columns; c++) {
        int i = key * columns + c;
        float p = probabilities[i];
        float gradient = p * (Memory.getFloat(dProbabilities + 4L * i) - delta[c]) * rule.scale();
        if (rule.softCap() > 0) {
          float ratio = p == 0 ? 0 : Memory.getFloat(scores + 4L * i) / rule.softCap();
          gradient *= 1 - ratio * ratio;
        }
        dScores[i] = gradient;
      }
    }
  }
}
