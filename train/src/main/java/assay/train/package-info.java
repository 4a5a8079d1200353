/**
 * Chapter 4: training.
 *
 * <p>{@link assay.train.Trainer#step} is the whole of it: add up the gradients of a batch's parts,
 * measure their norm, clip, let {@link assay.train.AdamW} update. What is trained, and on what, is
 * a {@link assay.train.TrainingTask}; nothing here knows of rewards.
 *
 * <pre>{@code
 * Trainer.Options options = new Trainer.Options(
 *     2e-6, new Schedule(Schedule.Kind.COSINE, 10, 1000),
 *     new AdamW.Options(0.9, 0.999, 1e-8, 0.001), 1.0);
 * try (Trainer<int[]> trainer = new Trainer<>(network.store(), task, options)) {
 *   while (sampler.hasNext()) {
 *     Trainer.StepResult result = trainer.step(sampler.next());
 *   }
 * }
 * }</pre>
 *
 * <p>The same code trains on one rank and on many: what becomes of gradients and weights is up to a
 * plan ({@link assay.train.parallel}). {@link assay.train.Checkpointer} writes what training has
 * changed while it goes on ({@link assay.train.checkpoint} says why no checkpoint is ever
 * half-written).
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Each part's loss is already divided by the whole batch</b>, so how a batch is cut is a
 *       matter of memory and not of mathematics. Averaging the parts' means, as trainers that count
 *       micro-batches do, weighs a short last part too much.
 *   <li><b>What a part observes, such as its rewards, is numbers that all ranks share</b>: each
 *       leaves 0 where another knows, and they are added up. Metrics are then the same on any
 *       number of ranks, and no second way of gathering is needed.
 *   <li><b>The gradient's norm is a sum over rows.</b> Rows are what ranks divide a parameter by,
 *       so no number of ranks changes its last bit. The usual sum of each rank's sum would.
 *   <li><b>A loss or gradient that is not finite ends the run before the optimizer moves</b>, and
 *       the message names the step, the parameter and the rows. Skipping the step would hide the
 *       cause.
 *   <li><b>Formulas are those of torch and transformers</b>, to the order of operations, so that
 *       curves can be laid on top of each other: clipping divides by norm + 1e-6, and with warm-up
 *       the first step has rate 0.
 * </ul>
 */
package assay.train;
