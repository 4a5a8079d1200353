package assay.nn.generation;

import java.util.Set;

/**
 * How tokens are chosen, and when to stop.
 *
 * @param maxNewTokens the most tokens of an answer
 * @param temperature logits are divided by it; 0 takes the most probable token
 * @param topP only the most probable tokens are drawn from, as many as it takes for their
 *     probabilities to reach this sum (Holtzman et al. 2020); 1 for all
 * @param stopTokens an answer ends before the first of these
 */
public record Sampling(int maxNewTokens, double temperature, double topP, Set<Integer> stopTokens) {
  public Sampling {
    if (maxNewTokens < 1 || !(temperature >= 0) || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "maxNewTokens %d, temperature %s, topP %s".formatted(maxNewTokens, temperature, topP));
    }
    stopTokens = Set.copyOf(stopTokens);
  }

  /** The most probable token, always. */
  public static Sampling greedy(int maxNewTokens, Set<Integer> stopTokens) {
    return new Sampling(maxNewTokens, 0, 1, stopTokens);
  }
}
