package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.TransformerConfig;
import assay.nn.checkpoint.TestResources.ConfigCase;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RopeGoldenTest {
  private int compared;
  private int equal;

  /**
   * The float32 bits of transformers' own frequencies. PyTorch's vectorized power function is
   * itself up to one unit off in the last place, which the scalings after it can double.
   */
  @Test
  void inverseFrequenciesAreTransformersToTheLastBits() {
    TestResources.configCases().values().forEach(this::compare);
    assertTrue(compared > 1000, compared + " frequencies");
    assertTrue(equal >= 0.99 * compared, equal + " of " + compared + " are bitwise equal");
  }

  private void compare(ConfigCase golden) {
    TransformerConfig config = golden.read().transformer();
    Map<?, ?> byType = (Map<?, ?>) golden.expected().get("inverse_frequencies");
    List<?> layers = (List<?>) golden.expected().get("layers");
    for (int i = 0; i < config.numLayers(); i++) {
      List<?> expected = (List<?>) byType.get(((Map<?, ?>) layers.get(i)).get("layer_type"));
      float[] actual = config.layers().get(i).rope().inverseFrequencies(config.headDim());
      assertEquals(expected.size(), actual.length, golden.name());
      for (int k = 0; k < actual.length; k++) {
        int difference = Math.abs(Float.floatToIntBits(actual[k]) - (int) expected.get(k));
        assertTrue(difference <= 2, golden.name() + ": layer " + i + ", pair " + k);
        compared++;
        equal += difference == 0 ? 1 : 0;
      }
    }
  }
}
