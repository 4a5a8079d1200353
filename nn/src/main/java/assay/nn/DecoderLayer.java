package assay.nn;

import assay.autograd.Variable;
import assay.autograd.op.Add;
import assay.autograd.op.GatherRows;

/**
 * One layer of the decoder: attention and MLP, each normed before and added to the residual stream;
 * Gemma 2 and 3 also norm what is added.
 */
final class DecoderLayer {
  private final Norm attentionNorm;
  private final SelfAttention attention;
  private final Norm attentionOutputNorm; // or null
  private final Norm mlpNorm;
  private final Mlp mlp;
  private final Norm mlpOutputNorm; // or null

  DecoderLayer(ParameterStore store, String name, TransformerConfig config, int index) {
    int hidden = config.hiddenSize();
    boolean postNorms = config.postNorms();
    attentionNorm = new Norm(store, name + ".input_layernorm", hidden, config);
    attention = new SelfAttention(store, name + ".self_attn", config, index);
    String afterAttention = name + ".post_attention_layernorm";
    attentionOutputNorm = postNorms ? new Norm(store, afterAttention, hidden, config) : null;
    String beforeMlp = postNorms ? name + ".pre_feedforward_layernorm" : afterAttention;
    mlpNorm = new Norm(store, beforeMlp, hidden, config);
    mlp = new Mlp(store, name + ".mlp", config);
    String afterMlp = name + ".post_feedforward_layernorm";
    mlpOutputNorm = postNorms ? new Norm(store, afterMlp, hidden, config) : null;
  }

  /**
   * @param x {@code [T, hidden]}
   * @param readOnly compute only the context's read rows: R of them; keys and values need all
   * @return {@code [T, hidden]}, or {@code [R, hidden]}
   */
  Variable forward(Variable x, PackedContext context, boolean readOnly) {
    Variable mixed = attention.forward(attentionNorm.forward(x), context, readOnly); // [R, hidden]
    if (attentionOutputNorm != null) {
      mixed = attentionOutputNorm.forward(mixed); // [R, hidden]
    }
    Variable stream = readOnly ? x.apply(new GatherRows(context.readRowIndices())) : x;
    Norm.Added added = mlpNorm.forwardAdded(stream, mixed); // [R, hidden] each
    Variable inner = mlp.forward(added.normed()); // [R, hidden]
    if (mlpOutputNorm != null) {
      inner = mlpOutputNorm.forward(inner); // [R, hidden]
    }
    return added.stream().apply(new Add(), inner); // [R, hidden]
  }
}
