package assay.nn;

import assay.autograd.Tape;
import assay.autograd.Variable;
import assay.autograd.op.Checkpoint;
import assay.autograd.op.GatherRows;
import assay.autograd.op.Scale;
import assay.tensor.Segments;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder-only transformer of Llama, Mistral, Gemma and Qwen: token ids in, final hidden states
 * out. What differs between the families is data in its {@link TransformerConfig}.
 *
 * <p>A batch is packed: T rows without padding, whose {@link Segments} say which belong together. R
 * rows are read.
 */
public final class Transformer {
  /** The name of the embedding, under which checkpoints hold it. */
  public static final String EMBEDDING = "model.embed_tokens.weight";

  private final TransformerConfig config;
  private final Parameter embedding; // [vocab, hidden]
  private final List<DecoderLayer> layers = new ArrayList<>();
  private final Norm finalNorm;

  /** Makes the parameters in the store; their values are not set. */
  public Transformer(TransformerConfig config, ParameterStore store) {
    this.config = config;
    embedding = store.create(EMBEDDING, config.vocabSize(), config.hiddenSize());
    for (int i = 0; i < config.numLayers(); i++) {
      layers.add(new DecoderLayer(store, "model.layers." + i, config, i));
    }
    finalNorm = new Norm(store, "model.norm", config.hiddenSize(), config);
  }

  public TransformerConfig config() {
    return config;
  }

  /** The token embedding {@code [vocab, hidden]}, which a tied language model head shares. */
  public Parameter embedding() {
    return embedding;
  }

  /**
   * Final hidden states, after the last norm.
   *
   * @param ids token ids, {@code [T]}
   * @param readRows the rows that are wanted, ascending; null for all
   * @param checkpointing keep only each layer's input, and compute the layer again in the backward
   * @return {@code [R, hidden]}
   */
  public Variable forward(
      Tape tape, int[] ids, Segments segments, int[] readRows, boolean checkpointing) {
    if (ids.length != segments.numRows()) {
      throw new IllegalArgumentException(
          ids.length + " token ids for segments of " + segments.numRows() + " rows");
    }
    PackedContext context =
        PackedContext.of(tape.arena(), embedding.dtype().sum(), config, segments, readRows);
    return forward(tape, ids, context, checkpointing);
  }

  /** A cache for sequences that grow within this layout, on the model's device and in its dtype. */
  public KeyValueCache newCache(Segments layout) {
    return new KeyValueCache(config, layout, embedding.device(), embedding.dtype());
  }

  /**
   * Final hidden states of the next tokens of cached sequences. The keys and values of the tokens
   * before come from the cache, those of these tokens go into it. As exact as {@link #forward(Tape,
   * int[], Segments, int[], boolean)} of everything at once: on the CPU the states have the same
   * bits.
   *
   * @param tape without recording: nothing flows back into a cache
   * @param ids token ids, {@code [T]}
   * @param rows the row of each id in the cache's layout, ascending; {@code [T]}
   * @param readRows those whose state is wanted, ascending; null for all
   * @return {@code [R, hidden]}
   */
  public Variable forwardCached(
      Tape tape, int[] ids, KeyValueCache cache, int[] rows, int[] readRows) {
    if (tape.isRecording()) {
      throw new IllegalArgumentException("a key-value cache cannot be trained through");
    }
    if (ids.length != rows.length) {
      throw new IllegalArgumentException(ids.length + " token ids for " + rows.length + " rows");
    }
    cache.claim(rows);
    PackedContext context =
        PackedContext.cached(tape.arena(), embedding.dtype().sum(), config, cache, rows, readRows);
    return forward(tape, ids, context, false);
  }

  private Variable forward(Tape tape, int[] ids, PackedContext context, boolean checkpointing) {
    Variable x = tape.segment(() -> embed(tape, ids)); // [T, hidden]
    for (int i = 0; i < layers.size(); i++) {
      DecoderLayer layer = layers.get(i);
      boolean readOnly = context.readRows() != null && i == layers.size() - 1;
      Variable next = run(layer, x, context, readOnly, checkpointing && tape.isRecording());
      tape.drop(x); // stays only if the backward needs it
      x = next;
    }
    return finalNorm.forward(x); // [R, hidden]
  }

  /** Embeddings of the ids, scaled as Gemma wants it: {@code [T, hidden]}. */
  public Variable embed(Tape tape, int[] ids) {
    Tensor rows = tape.arena().ints(ids);
    Variable x = embedding.on(tape).apply(new GatherRows(rows)); // [T, hidden]
    return config.embeddingScale() == 1 ? x : x.apply(new Scale(config.embeddingScale()));
  }

  private static Variable run(
      DecoderLayer layer,
      Variable x,
      PackedContext context,
      boolean readOnly,
      boolean checkpointing) {
    if (!checkpointing) {
      return x.tape().segment(() -> layer.forward(x, context, readOnly));
    }
    int rows = readOnly ? context.readRows().length : x.shape().dim(0);
    Shape shape = Shape.of(rows, x.shape().dim(1));
    return x.apply(new Checkpoint(input -> layer.forward(input, context, readOnly), shape));
  }
}
