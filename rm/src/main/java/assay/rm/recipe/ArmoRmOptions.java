package assay.rm.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A recipe's section {@code armorm}: what {@code method: armorm} needs beside the preference pairs
 * of {@code data}, and the gate's optimization in {@code training}.
 *
 * @param data files and globs of the rated texts
 * @param attributes their fields, one objective each, in the order of the model's outputs
 * @param heldOutFraction share of the rated prompts that choose alpha and judge the regressions
 * @param alphas of the ridge regressions, to choose from
 * @param verbosity the attribute that is taken out of the others; empty: none is
 * @param maxCorrelation Spearman's correlation with verbosity that passes for none
 * @param embeddings the folder where states are kept; empty: {@code embeddings} in the output
 * @param gatingHiddenDim of the gate's hidden layers
 * @param gatingNumHidden the gate's hidden layers
 * @param gatingTemperature the gate's logits are divided by it
 * @param gatingTokenPattern the tokens between question and answer; empty: those of the template
 * @param logitScale the gate's factor at the start
 * @param dropout in the gate, while training
 */
public record ArmoRmOptions(
    List<String> data,
    List<String> attributes,
    double heldOutFraction,
    List<Double> alphas,
    Optional<String> verbosity,
    double maxCorrelation,
    Optional<Path> embeddings,
    int gatingHiddenDim,
    int gatingNumHidden,
    double gatingTemperature,
    List<Integer> gatingTokenPattern,
    double logitScale,
    double dropout)
    implements MethodOptions {

  /** The regularizations that upstream tries. */
  public static final List<Double> ALPHAS =
      List.of(1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3, 1e4);

  public ArmoRmOptions {
    data = List.copyOf(data);
    attributes = List.copyOf(attributes);
    alphas = List.copyOf(alphas);
    gatingTokenPattern = List.copyOf(gatingTokenPattern);
  }
}
