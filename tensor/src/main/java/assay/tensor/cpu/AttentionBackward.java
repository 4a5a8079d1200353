package assay.tensor.cpu;

import assay.tensor.AttentionConfig;
import assay.tensor.BinaryKind;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import java.util.Arrays;

/**
 * The backward of attention for one segment's queries and one key-value head: probabilities are
 * computed again from the log of their sum (Dao et al. 2022, algorithm 4), then
 *
 * <pre>
 *   dV += P^T dO      dP = dO V^T      dS = scale P (dP - rowsum(dO O))
 *   dQ  = dS K        dK += dS^T Q
 * </pre>
 */
final class AttentionBackward {
  private final CpuAttention attention;
  private final CpuLoops loops;
  private final AttentionBlocks blocks;
  private final CpuAttention.Backward tensors;
  private final AttentionPanels panel;
  private final float[] ones;

  AttentionBackward(
      CpuAttention attention,
      CpuLoops loops,
      AttentionBlocks blocks,
      CpuAttention.Backward tensors,
      AttentionPanels panel) {
    this.attention = attention;
    this.loops = loops;
    this.blocks = blocks;
    this.tensors = tensors;
    this.panel = panel;
    this.ones = new float[panel.columns];
    Arrays.fill(ones, 1);
  }

  void run() {
    Segments segments = blocks.segments();
    int segment = blocks.segment();
    panel.prepare(blocks.config().headDim(), segments.pathLength(segment), true);
    AttentionPanels.Head keys = CpuAttention.head(tensors.k(), blocks);
    AttentionPanels.Head values = CpuAttention.head(tensors.v(), blocks);
    panel.packRows(segments, segment, keys, panel.keyRows);
    panel.packRows(segments, segment, values, panel.valueRows);
    panel.packColumns(segments, segment, keys, panel.keyColumns);
    for (int i = 0; i < blocks.numBlocks(panel.columns); i++) {
      add(blocks.block(i, panel.columns, panel.positions));
    }
    addToRows(panel.keyGradients(), tensors.dk());
    addToRows(panel.valueGradients(), tensors.dv());
  }

  private void add(AttentionBlocks.Block block) {
    int from = block.keysFrom();
    int to = block.keysTo();
    AttentionLoops.Rule rule = CpuAttention.rule(blocks.config(), panel.positions);
    CpuAttention.packColumns(blocks, block, tensors.q(), panel.queries, panel);
    CpuAttention.packColumns(blocks, block, tensors.dOut(), panel.outGradients, panel);
    CpuAttention.packColumns(blocks, block, tensors.out(), panel.outs, panel);
    packRows(block, tensors.q(), panel.queryRows);
    packRows(block, tensors.dOut(), panel.outGradientRows);
    readLogSumExp(block);
    computeDelta();
    panel.rowsTimes(panel.keyRows, from, to, panel.queries, panel.scores());
    loops.attention().scores(panel.scores(), from, to, rule, panel.sum); // maxima not needed
    attention.probabilities(block, panel.maximum, panel);
    panel.addWeightsTimes(
        panel.probabilities, from, to, panel.outGradientRows, panel.valueGradients());
    panel.rowsTimes(panel.valueRows, from, to, panel.outGradients, panel.dProbabilities());
    loops
        .attention()
        .scoreGradients(
            panel.scores(),
            panel.dProbabilities(),
            from,
            to,
            rule,
            panel.probabilities,
            panel.delta,
            panel.scoreGradients);
    CpuAttention.clearAfter(block, panel.scoreGradients, panel.columns);
    panel.columnsTimes(panel.keyColumns, from, to, panel.scoreGradients);
    CpuAttention.writeColumns(blocks, block, tensors.dq(), ones, panel);
    panel.addWeightsTimes(panel.scoreGradients, from, to, panel.queryRows, panel.keyGradients());
  }

  /** A block's rows as they are, in column tiles: {@code [W, W]} each, zeros behind the last. */
  private void packRows(AttentionBlocks.Block block, Tensor x, float[] to) {
    int width = panel.columns;
    int dim = blocks.config().headDim();
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
    AttentionConfig config = blocks.config();
    for (int c = 0; c < block.count(); c++) {
      int column = block.first() + c;
      long index = (long) blocks.query(column) * config.numHeads() + blocks.head(column);
      panel.maximum[c] = Memory.getFloat(tensors.logSumExp().address() + 4 * index);
    }
  }

  /** {@code delta = sum over j of dO_j O_j} of each column. */
  private void computeDelta() {
    int width = panel.columns;
    Arrays.fill(panel.delta, 0);
    for (int j = 0; j < blocks.config().headDim(); j++) {
      for (int c = 0; c < width; c++) {
        panel.delta[c] =
            Math.fma(panel.outGradients[j * width + c], panel.outs[j * width + c], panel.delta[c]);
      }
    }
  }

  /** Adds what was collected by position to the rows of the path. */
  private void addToRows(long gradients, Tensor x) {
    AttentionPanels.Head head = CpuAttention.head(x, blocks);
    int dim = blocks.config().headDim();
    long rowBytes = 4L * panel.wholeColumns();
    int[] rows = blocks.segments().pathRows(blocks.segment());
    for (int position = 0; position < rows.length; position++) {
      long row = head.row(rows[position]);
      loops
          .elements()
          .binary(BinaryKind.ADD, row, gradients + position * rowBytes, false, row, dim);
    }
  }
}
