/**
 * Writing with a language model: greedy or sampled, with a key-value cache.
 *
 * <pre>{@code
 * try (LanguageModel model = LanguageModel.load(folder, device, DType.F32)) {
 *   Generator generator = new Generator(model);
 *   List<Generator.Prompt> prompts = List.of(new Generator.Prompt(ids, 42));
 *   Generator.Answer answer =
 *       generator.generate(prompts, Sampling.greedy(128, Set.of(eosTokenId))).getFirst();
 *   String text = tokenizer.decode(answer.ids());
 * }
 * }</pre>
 *
 * <p>A transformer's state at a token does not depend on what follows, so the keys and values of
 * what has been read stay right while the text grows: {@link assay.nn.KeyValueCache} keeps them,
 * and a new token costs one row of matrix products and one look at the keys before it.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>The cache is a layout of segments with empty rows</b>, and attention is training's.
 *       Causality hides what is still empty; a kernel and a mask of its own for generation would be
 *       a second definition of who sees whom.
 *   <li><b>Answers grow side by side</b>, as segments of one batch. One after the other each token
 *       would read every weight for one row.
 *   <li><b>Each prompt brings its seed.</b> One generator of random numbers for the batch would
 *       make an answer depend on its neighbours.
 * </ul>
 */
package assay.nn.generation;
