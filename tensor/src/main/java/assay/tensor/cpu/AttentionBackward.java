package assay.tensor.cpu;

import assay.tensor.BinaryKind;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The backward of attention for one segment's queries and one key-value head: probabilities are
 * computed again from the log of their sum (Dao et al. 2022, algorithm 4), then
 *
 * <pre>
 *   dV += P^T dO      dP = dO V^T      dS = scale P (dP - rowsum(dO O))
 *   dQ  = dS K        dK += dS^T Q
 * </pre>
 */
final class AttentionBackward extends AttentionPass {
  /** The tensors of a backward, all F32. */
  record Tensors(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dOut,
      Tensor dq,
      Tensor dk,
      Tensor dv) {}

  /** Addresses of matrices like k and v that the gradients are added to. */
  record KeyGradients(long dk, long dv) {}

  private final ElementLoops elements;
  private final Tensors tensors;
  private final KeyGradients gradients;
  private final float[] ones;

  AttentionBackward(
      CpuLoops loops,
      AttentionBlocks blocks,
      AttentionPanels panel,
      Tensors tensors,
      KeyGradients gradients) {
    super(loops, blocks, panel);
    this.elements = loops.elements();
    this.tensors = tensors;
    this.gradients = gradients;
    this.ones = new float[panel.columns];
    Arrays.fill(ones, 1);
  }

  /** Adds to the key gradients of the path; those of the segment itself start at 0. */
  void run() {
    zero(keyHead(gradients.dk));
    zero(keyHead(gradients.dv));
    if (blocks.numQueries() == 0) {
      return;
    }
    Segments segments = blocks.segments();
    int segment = blocks.segment();
    int numKeys = segments.pathLength(segment);
    panel.prepare(config.headDim(), numKeys, true);
    AttentionPanels.Head keys = keyHead(tensors.k.address());
    panel.packRows(segments, segment, keys, numKeys, panel.keyRows);
    panel.packColumns(segments, segment, keys, numKeys, panel.keyColumns);
    panel.packRows(segments, segment, keyHead(tensors.v.address()), numKeys, panel.valueRows);
    runBlocks(0, 1);
    addToRows(panel.keyGradients(), keyHead(gradients.dk));
    addToRows(panel.valueGradients(), keyHead(gradients.dv));
  }

  /** The segment's own rows; its children come later and add to them. */
  private void zero(AttentionPanels.Head head) {
    int end = blocks.segments().end(blocks.segment());
    for (int row = blocks.segments().start(blocks.segment()); row < end; row++) {
      elements.fill(0, head.row(row), config.headDim());
    }
  }

  @Override
  List<Step> steps() {
    return List.of(
        this::loadQueries,
        this::computeScores,
        this::computeProbabilities,
        this::addValueGradients,
        this::computeScoreGradients,
        this::storeQueryGradients,
        this::addKeyGradients);
  }

  private void loadQueries(AttentionBlocks.Block block) {
    packColumns(block, tensors.q, panel.queries);
    packColumns(block, tensors.dOut, panel.outGradients);
    packColumns(block, tensors.out, panel.outs);
    packRows(block, tensors.q, panel.queryRows);
    packRows(block, tensors.dOut, panel.outGradientRows);
    readLogSumExp(block);
    computeDelta();
  }

  private void computeScores(AttentionBlocks.Block block) {
    computeScores(block, panel.sum); // the maxima are not needed
  }

  private void computeProbabilities(AttentionBlocks.Block block) {
    computeProbabilities(block, panel.maximum); // which hold logSumExp; the sums are not needed
  }

  private void addValueGradients(AttentionBlocks.Block block) {
    panel.addWeightsTimes(
        panel.probabilities,
        block.keysFrom(),
        block.keysTo(),
        panel.outGradientRows,
        panel.valueGradients());
  }

  private void computeScoreGradients(AttentionBlocks.Block block) {
    int from = block.keysFrom();
    int to = block.keysTo();
    panel.rowsTimes(panel.valueRows, from, to, panel.outGradients, panel.dProbabilities());
    loops.scoreGradients(
        panel.scores(),
        panel.dProbabilities(),
        from,
        to,
        rule,
        panel.probabilities,
        panel.delta,
        panel.scoreGradients);
    clearAfter(block, panel.scoreGradients);
  }

  private void storeQueryGradients(AttentionBlocks.Block block) {
    panel.columnsTimes(panel.keyColumns, block.keysFrom(), block.keysTo(), panel.scoreGradients);
    writeColumns(block, tensors.dq, ones);
  }

  private void addKeyGradients(AttentionBlocks.Block block) {
    panel.addWeightsTimes(
        panel.scoreGradients,
        block.keysFrom(),
        block.keysTo(),
        panel.queryRows,
        panel.keyGradients());
  }

  /** A block's rows as they are, in column tiles: {@code [W, W]} each, zeros behind the last. */
  private void packRows(AttentionBlocks.Block block, Tensor x, float[] to) {
    int width = panel.columns;
    int dim = config.headDim();
    Arrays.fill(to, 0, panel.wholeColumns() * width, 0);
    for (int column = 0; column < dim; column += width) {
      int first = column;
      int size = Math.min(width, dim - column);
      blocks.forRuns(
          block,
          x.address(),
          (c, count, address) ->
              panel.matmul.copy(
                  new MatMulLoops.Block(address + 4L * first, blocks.rowBytes(), count, size),
                  to,
                  first * width + c * width,
                  width));
    }
  }

  /** Columns without a query get infinity: all their probabilities are 0. */
  private void readLogSumExp(AttentionBlocks.Block block) {
    Arrays.fill(panel.maximum, Float.POSITIVE_INFINITY);
    for (int c = 0; c < block.count(); c++) {
      panel.maximum[c] = Memory.getFloat(perHead(tensors.logSumExp, block.first() + c));
    }
  }

  /** {@code delta = sum over j of dO_j O_j} of each column. */
  private void computeDelta() {
    int width = panel.columns;
    Arrays.fill(panel.delta, 0);
    for (int j = 0; j < config.headDim(); j++) {
      for (int c = 0; c < width; c++) {
        panel.delta[c] =
            Math.fma(panel.outGradients[j * width + c], panel.outs[j * width + c], panel.delta[c]);
      }
    }
  }

  /** Adds what was collected by position to the rows of the path. */
  private void addToRows(long collected, AttentionPanels.Head head) {
    int dim = config.headDim();
    long rowBytes = 4L * panel.wholeColumns();
    int[] rows = blocks.segments().pathRows(blocks.segment());
    for (int position = 0; position < rows.length; position++) {
      long row = head.row(rows[position]);
      elements.binary(BinaryKind.ADD, row, collected + position * rowBytes, false, row, dim);
    }
  }
}
