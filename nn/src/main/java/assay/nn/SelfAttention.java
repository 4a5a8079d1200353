package assay.nn;

import assay.autograd.Variable;
import assay.autograd.op.Attention;
import assay.autograd.op.GatherRows;
import assay.autograd.op.Rope;
import assay.tensor.AttentionConfig;

/**
 * Causal self-attention with grouped key-value heads and rotary positions.
 *
 * <p>T rows, Q queries (T, or in the last layer the rows that are read), K keys (T, or with a cache
 * all of its rows), q = numHeads * headDim, kv = numKeyValueHeads * headDim.
 */
final class SelfAttention {
  private final Linear queryProjection;
  private final Linear keyProjection;
  private final Linear valueProjection;
  private final Linear outputProjection;
  private final Norm queryNorm; // Qwen 3 and Gemma 3; else null
  private final Norm keyNorm;
  private final AttentionConfig attention;
  private final RopeConfig rope;
  private final int headDim;
  private final int layerIndex; // in the cache

  SelfAttention(ParameterStore store, String name, TransformerConfig config, int index) {
    LayerConfig layer = config.layers().get(index);
    layerIndex = index;
    int hidden = config.hiddenSize();
    int q = config.queryDim();
    int kv = config.keyValueDim();
    boolean bias = config.queryKeyValueBias();
    headDim = config.headDim();
    rope = layer.rope();
    queryProjection = new Linear(store, name + ".q_proj", q, hidden, bias);
    keyProjection = new Linear(store, name + ".k_proj", kv, hidden, bias);
    valueProjection = new Linear(store, name + ".v_proj", kv, hidden, bias);
    outputProjection = new Linear(store, name + ".o_proj", hidden, q, config.outputBias());
    queryNorm = config.queryKeyNorm() ? new Norm(store, name + ".q_norm", headDim, config) : null;
    keyNorm = config.queryKeyNorm() ? new Norm(store, name + ".k_norm", headDim, config) : null;
    attention =
        new AttentionConfig(
            config.numHeads(),
            config.numKeyValueHeads(),
            headDim,
            config.attentionScale(),
            config.attentionSoftCap(),
            layer.slidingWindow());
  }

  /**
   * @param x {@code [T, hidden]}
   * @param readOnly queries for the context's read rows alone
   * @return {@code [Q, hidden]}
   */
  Variable forward(Variable x, PackedContext context, boolean readOnly) {
    Variable queryRows = readOnly ? x.apply(new GatherRows(context.readRowIndices())) : x;
    RotaryAngles angles = context.angles(rope);
    RotaryAngles queryAngles = readOnly ? context.readAngles(rope) : angles;
    Variable q = queryProjection.forward(queryRows); // [Q, q]
    Variable k = keyProjection.forward(x); // [T, kv]
    Variable v = valueProjection.forward(x); // [T, kv]
    if (queryNorm != null) {
      q = queryNorm.forwardPerHead(q); // [Q, q]
      k = keyNorm.forwardPerHead(k); // [T, kv]
    }
    q = q.apply(new Rope(queryAngles.cos(), queryAngles.sin(), headDim)); // [Q, q]
    k = k.apply(new Rope(angles.cos(), angles.sin(), headDim)); // [T, kv]
    if (context.cache() != null) {
      context.cache().write(layerIndex, context.rows(), k.value(), v.value());
      k = x.tape().constant(context.cache().keys(layerIndex)); // [K, kv]
      v = x.tape().constant(context.cache().values(layerIndex)); // [K, kv]
    }
    int[] queries = readOnly ? context.readRows() : context.rows();
    Attention attend = new Attention(attention, context.segments(), queries);
    Variable mixed = q.apply(attend, k, v); // [Q, q]
    return outputProjection.forward(mixed); // [Q, hidden]
  }
}
