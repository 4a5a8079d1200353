package assay.rm.recipe;

import java.util.List;

/**
 * A recipe's section {@code regression}.
 *
 * @param attributes the fields of the rated texts in {@code data.train}, one head each
 * @param weights how much each counts in the reward
 */
public record RegressionOptions(List<String> attributes, List<Double> weights)
    implements MethodOptions {
  public RegressionOptions {
    attributes = List.copyOf(attributes);
    weights = List.copyOf(weights);
  }
}
