/**
 * Chapter 3: the transformer.
 *
 * <p>One decoder serves Llama 2 to 3.2, Mistral, Gemma 1 to 3, Qwen 2 to 3. Read {@link
 * assay.nn.Transformer}, then its layer, attention and MLP: each is a page. What differs between
 * the families is data in {@link assay.nn.TransformerConfig}.
 *
 * <pre>{@code
 * try (ParameterStore store = new ParameterStore(device, DType.F32, false);
 *     ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
 *   Transformer model = new Transformer(ModelConfig.read(folder).transformer(), store);
 *   WeightLoader.loadAll(checkpoint, store.all(), Set.of());
 *   Tape tape = Tape.inference(arena);
 *   int[] ids = {1, 403, 407, 261, 378};
 *   Variable states = model.forward(tape, ids, Segments.sequences(ids.length), null, false);
 * }
 * }</pre>
 *
 * <p>Shapes: T rows of the packed batch, R rows that are read, Q queries (T, or R in the last
 * layer); hidden, inner (the MLP's), vocab; q and kv are all heads of queries and of keys together.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Differences are values, not subclasses.</b> A class for each family would repeat the
 *       loop over layers seven times, and hide that Gemma 2 is Llama with two more norms, a soft
 *       cap and every other layer windowed.
 *   <li><b>No batch dimension, no padding, no mask.</b> All activations are {@code [T, dim]};
 *       {@link assay.tensor.Segments} says who sees whom.
 *   <li><b>The last layer computes what is read.</b> A reward is read at one row of a sequence. The
 *       last layer needs keys and values of all rows, but queries, output and MLP of those rows
 *       only; that is exact, and saves about one layer in thirty.
 *   <li><b>Rotary angles are made for each batch</b> from its positions, not kept as a table for
 *       the longest sequence: a table for 131,072 positions takes longer to fill than a step.
 * </ul>
 */
package assay.nn;
