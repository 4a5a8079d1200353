package assay.nn.generation;

import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Chooses one sequence's tokens. Each sequence has its own, so that none depends on others. */
final class TokenSampler {
  private final Sampling sampling;
  private final SplittableRandom random;

  TokenSampler(Sampling sampling, long seed) {
    this.sampling = sampling;
    this.random = new SplittableRandom(seed);
  }

  /** The next token, of logits {@code [vocab]} that begin at an offset. */
  int choose(float[] logits, int offset, int vocab) {
    int best = 0;
    for (int token = 1; token < vocab; token++) {
      best = logits[offset + token] > logits[offset + best] ? token : best;
    }
    return sampling.temperature() == 0 ? best : draw(logits, offset, vocab, best);
  }

  private int draw(float[] logits, int offset, int vocab, int best) {
    double[] weights = new double[vocab]; // exp((logit - max) / temperature)
    double total = 0;
    for (int token = 0; token < vocab; token++) {
      double below = (double) logits[offset + token] - logits[offset + best];
      weights[token] = Math.exp(below / sampling.temperature());
      total += weights[token];
    }
    if (sampling.topP() == 1) {
      return drawn(IntStream.range(0, vocab).toArray(), weights, total);
    }
    int[] order =
        IntStream.range(0, vocab)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer token) -> -weights[token]))
            .mapToInt(token -> token)
            .toArray();
    double kept = 0;
    int count = 0;
    while (count < vocab && kept < sampling.topP() * total) {
      kept += weights[order[count++]];
    }
    return drawn(IntStream.of(order).limit(count).toArray(), weights, kept);
  }

  /** One of these tokens, each as probably as its share of the total. */
  private int drawn(int[] tokens, double[] weights, double total) {
    double left = random.nextDouble() * total;
    for (int token : tokens) {
      left -= weights[token];
      if (left < 0) {
        return token;
      }
    }
    return tokens[tokens.length - 1]; // the sum was rounded
  }
}
