/**
 * One model on several ranks: data parallelism, and the three stages of ZeRO (Rajbhandari et al.
 * 2020).
 *
 * <p>W ranks compute W parts of a batch at a time, and add up the gradients. That alone makes
 * training faster; it saves no memory, for every rank has the whole model, its gradients and
 * AdamW's state. ZeRO notes that a rank needs all of a layer's weights only while it computes that
 * layer, and of gradients and state only the rows that it updates. So each rank keeps 1/W of them,
 * in stage 1 of the state, in stage 2 of the gradients too, in stage 3 of the weights as well.
 *
 * <pre>{@code
 * try (ParallelPlan plan = ParallelPlan.of(3, ranks, Reduction.FIXED);
 *     ParameterStore store = new ParameterStore(device, DType.F32, true, plan)) {
 *   Transformer model = new Transformer(config, store);   // knows nothing of ranks
 *   ...
 *   Trainer<int[]> trainer = new Trainer<>(store, task, options, plan);
 *   trainer.step(batch);                                  // on every rank, the same batch
 * }
 * }</pre>
 *
 * <p>To read: {@link assay.train.parallel.ParallelPlan} says what a plan does and when; {@code
 * DataParallel}, {@code ZeroStage1}, {@code ZeroStage2} and {@code ZeroStage3} are the plans;
 * {@code GradientReduction}, {@code SparseRows} and {@code WeightGathering} are what travels. Where
 * the obvious way would do, and another is only faster, the obvious one stands above it under the
 * name {@code ...Naively}, and a test holds the two to the same bits.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>The same bits on any number of ranks.</b> A sum of floats depends on its order, so a run
 *       on four ranks usually differs from that on one in the last digits, and after some hundred
 *       steps in the first. Here the batch is cut into parts before anybody asks how many ranks
 *       there are, part p is rank {@code p mod W}'s, and gradients are added in the order of the
 *       parts. The price: gradients travel after every part, where {@code reduction: fast} adds up
 *       a rank's own parts first, and the number of parts is a multiple of four.
 *   <li><b>Rows of each parameter, not one flat array</b> (as DeepSpeed has it) <b>or one per
 *       layer</b> (as the first FSDP). A row has a meaning: checkpoints for other numbers of ranks
 *       need no arithmetic, and an embedding's rows can travel one by one. What does not divide is
 *       padded. Small parameters then travel in small messages, which costs latency.
 *   <li><b>A plan is a {@link assay.nn.Placement}</b> of parameters, not a wrapper around modules:
 *       model code has no hooks, and the same classes run on one rank.
 *   <li><b>The gradient of a parameter travels when the tape has it whole</b>, which the tape tells
 *       a {@link assay.autograd.GradientSink}. Buckets, which gather many small gradients into one
 *       message, were left out: they would hide the order that makes the bits the same.
 *   <li><b>A rank without a part computes another rank's with the weight 0</b>, so that all make
 *       the same calls. To skip the computing would need a list of what the others are about to
 *       exchange.
 * </ul>
 */
package assay.train.parallel;
