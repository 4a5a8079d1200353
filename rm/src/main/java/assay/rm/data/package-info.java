/**
 * Training data: from files of chosen and rejected answers, or of answers with labels, to batches
 * of token ids.
 *
 * <p><b>The idea.</b> Data comes from many hands and is never clean, and a reward model learns
 * whatever is wrong with it. So every row that is read is either used or counted under a {@link
 * assay.rm.data.DropReason} with its line, and the count is part of the run's output. The stages:
 *
 * <pre>
 * file     RowFiles, RowReader    JSON Lines, JSON array or Parquet: one object after the other
 * row      PairRow, ScoreRow      the kinds of rows the field uses, told apart by their keys
 * filter   PairFilter             what is unfit for training before tokenizing
 * read     PairReader             what the kind of reward model sees of a pair, as two sequences
 * encode   PairEncoder            their lengths and token ids
 * split    HoldOut                rows for evaluation, set aside by prompt
 * label    PseudoLabels           pairs without a label that a model has one for
 * augment  RrmAugmentation        pairs made of others
 * order    BatchSampler           which pairs each optimizer step sees
 * cut      MicroBatcher           what of a batch is computed at once
 * </pre>
 *
 * <p>Labels are dear and texts are cheap, so training pairs can be had in two more ways, for any
 * kind of reward model. Self-training (SSRM): a model labels pairs that nobody has, and where it is
 * confident it is believed. Augmentation (RRM): each prompt is also given with answers to other
 * prompts, so that what answers look like is of no use for telling which is better. Both come after
 * the split, so that no held-out pair has a label of a model, and no held-out prompt is trained on.
 *
 * <p>Texts with labels are the other kind of {@link assay.rm.data.TrainingData}: ratings ({@link
 * assay.rm.data.AttributeLoader}) and verdicts on steps ({@link assay.rm.data.StepLoader}). They
 * are split, ordered and cut as pairs are.
 *
 * <p>An example:
 *
 * <pre>{@code
 * PairData data =
 *     PairData.load(recipe, PairReader.conversations(encoder), vocabularySize, labeller);
 * System.err.print(data.report().toTable());
 * BatchSampler sampler =
 *     new BatchSampler(data.train().size(), 64, true, 42, 1, 0);        // one epoch
 * while (sampler.hasNext()) {
 *   IntUnaryOperator rows = pair -> data.train().get(pair).computedRows(true);
 *   for (int[] part : MicroBatcher.cut(sampler.next(), rows, 8192)) {
 *     accumulateGradients(data.train(), part);
 *   }
 * }
 * }</pre>
 *
 * <p><b>Decisions.</b>
 *
 * <ul>
 *   <li>A row that is not of the format ends the run with its place; a row that is of the format
 *       but unfit is dropped and counted. The alternative, to count both, lets a file of the wrong
 *       kind pass for one with many faults.
 *   <li>The format of a file is told by its first bytes, not by its name: {@code .json} files hold
 *       arrays and lines alike.
 *   <li>Bytes that are not UTF-8, keys given twice and halves of surrogate pairs are faults. The
 *       usual readers replace or choose silently.
 *   <li>All formats pass through one JSON object per row, so that a Parquet row and the same row as
 *       JSON give the same pair. The cost is small beside tokenizing.
 *   <li>Pairs are kept as two {@code int[]} in memory. A file of token ids that is mapped into
 *       memory would hold more than the heap; it can take the place of the list without change
 *       elsewhere, since batches are indices.
 *   <li>A prompt is all turns but the answer. Rows of token ids do not say where the prompt ends;
 *       for them it is what the two sides share, so that pairs of one prompt can be separated when
 *       their answers begin alike.
 *   <li>Pairs to augment are kept as texts beside their tokens, and so are pairs that wait for a
 *       label, since the model that labels may have another tokenizer. To read the files a second
 *       time would save memory, but augmentation takes them in random order.
 *   <li>All unlabelled rows are parsed before the first is labelled: a fault in the last line shows
 *       after a minute, not after a day.
 *   <li>A pseudo-label is as good as any other label. The alternative, the model's own probability
 *       as a soft target, would teach the next model what the last one said, errors and all.
 *   <li>Order and split come from {@code SplitMix64}, written out here. {@code java.util.Random}
 *       would do, but a run must not depend on what a library's shuffle does inside.
 * </ul>
 */
package assay.rm.data;
