package assay.nn.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which tokens are drawn how often. */
class TokenSamplerTest {
  private static final int DRAWS = 20_000;

  /** Probabilities 0.5, 0.3, 0.15, 0.05, in another order and behind an offset. */
  private static final float[] LOGITS = {9, log(0.15), log(0.5), log(0.05), log(0.3)};

  private static float log(double p) {
    return (float) Math.log(p);
  }

  @Test
  void temperatureZeroTakesTheMostProbableToken() {
    assertFrequencies(new Sampling(1, 0, 1, Set.of()), 0, 1, 0, 0);
  }

  @Test
  void temperatureOneDrawsFromTheModelsDistribution() {
    assertFrequencies(new Sampling(1, 1, 1, Set.of()), 0.15, 0.5, 0.05, 0.3);
  }

  /** Halving the temperature squares the probabilities: 0.0225, 0.25, 0.0025, 0.09 of 0.365. */
  @Test
  void aLowTemperatureSharpens() {
    Sampling sampling = new Sampling(1, 0.5, 1, Set.of());
    assertFrequencies(sampling, 0.0616, 0.6849, 0.0068, 0.2466);
  }

  /** 0.5 and 0.3 reach 0.7; nothing else is drawn. */
  @Test
  void topPKeepsTheFewestTokensThatReachIt() {
    assertFrequencies(new Sampling(1, 1, 0.7, Set.of()), 0, 0.625, 0, 0.375);
  }

  private static void assertFrequencies(Sampling sampling, double... expected) {
    TokenSampler sampler = new TokenSampler(sampling, 7);
    int[] counts = new int[expected.length];
    for (int i = 0; i < DRAWS; i++) {
      counts[sampler.choose(LOGITS, 1, expected.length)]++;
    }
    for (int token = 0; token < expected.length; token++) {
      double share = (double) counts[token] / DRAWS;
      // Five standard deviations of a share, at most sqrt(1/4 / DRAWS) each; none where it is 0.
      double tolerance = expected[token] == 0 ? 0 : 5 * Math.sqrt(0.25 / DRAWS);
      assertEquals(expected[token], share, tolerance, "token " + token);
    }
  }
}
