package assay.nn;

import assay.tensor.ActivationKind;
import java.util.List;

/**
 * Everything that the decoder's mathematics depends on, with each model family's peculiarities
 * spelled out as values: the transformer asks {@code normAddsOne}, never "is this a Gemma?".
 *
 * @param modelType the family as config.json names it: {@code llama}, {@code gemma2}, ...
 * @param vocabSize rows of the embedding
 * @param hiddenSize the residual stream's dimension
 * @param intermediateSize the MLP's inner dimension
 * @param numHeads query heads
 * @param numKeyValueHeads key and value heads, each shared by numHeads / numKeyValueHeads queries
 * @param headDim the dimension of one head; numHeads * headDim need not be hiddenSize
 * @param rmsNormEps added to the mean square under the root
 * @param normAddsOne the norms multiply by 1 + weight, not by weight (Gemma)
 * @param activation of the MLP's gate
 * @param embeddingScale embeddings are multiplied by it (Gemma: sqrt(hiddenSize), else 1)
 * @param attentionScale queries times keys are multiplied by it
 * @param attentionSoftCap c: attention scores s become c tanh(s / c); 0 = none
 * @param logitSoftCap the same for the language model's logits, never for a reward; 0 = none
 * @param queryKeyValueBias the q, k and v projections add a bias
 * @param outputBias the attention's output projection adds a bias
 * @param mlpBias the MLP's three projections add a bias
 * @param queryKeyNorm queries and keys are normalized, head by head, before rope
 * @param postNorms attention and MLP outputs are normalized too, before the residual is added
 *     (Gemma 2 and 3: four norms a layer)
 * @param tieWordEmbeddings the language model head is the embedding
 * @param maxPositionEmbeddings the longest sequence the model is meant for
 * @param initializerRange standard deviation of freshly drawn weights
 * @param layers one entry per layer, from the input up
 */
public record TransformerConfig(
    String modelType,
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHeads,
    int numKeyValueHeads,
    int headDim,
    double rmsNormEps,
    boolean normAddsOne,
    ActivationKind activation,
    double embeddingScale,
    double attentionScale,
    double attentionSoftCap,
    double logitSoftCap,
    boolean queryKeyValueBias,
    boolean outputBias,
    boolean mlpBias,
    boolean queryKeyNorm,
    boolean postNorms,
    boolean tieWordEmbeddings,
    int maxPositionEmbeddings,
    double initializerRange,
    List<LayerConfig> layers) {

  public TransformerConfig {
    layers = List.copyOf(layers);
    check(vocabSize > 0 && hiddenSize > 0 && intermediateSize > 0, "sizes must be positive");
    check(numHeads > 0 && numKeyValueHeads > 0, "head counts must be positive");
    check(numHeads % numKeyValueHeads == 0, "numHeads must be a multiple of numKeyValueHeads");
    check(headDim > 0 && headDim % 2 == 0, "headDim must be even: rope turns pairs");
    check(maxPositionEmbeddings > 0, "maxPositionEmbeddings must be positive");
  }

  private static void check(boolean holds, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(rule);
    }
  }

  /** Number of decoder layers. */
  public int numLayers() {
    return layers.size();
  }

  /** The dimension of all query heads together. */
  public int queryDim() {
    return Math.multiplyExact(numHeads, headDim);
  }

  /** The dimension of all key heads together, and of all value heads. */
  public int keyValueDim() {
    return Math.multiplyExact(numKeyValueHeads, headDim);
  }
}
