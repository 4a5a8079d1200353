package assay.tensor.cpu;

import assay.tensor.AttentionConfig;
import assay.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** What the forward and the backward of attention share: one segment's queries, block by block. */
abstract class AttentionPass {
  final AttentionConfig config;
  final AttentionBlocks blocks;
  final AttentionPanels panel;
  final AttentionLoops loops;
  final AttentionLoops.Rule rule;

  AttentionPass(CpuLoops loops, AttentionBlocks blocks, AttentionPanels panel) {
    this.config = blocks.config();
    this.blocks = blocks;
    this.panel = panel;
    this.loops = loops.attention();
    float window = config.window() > 0 ? config.window() : Float.POSITIVE_INFINITY;
    this.rule =
        new AttentionLoops.Rule(
            panel.positions, window, (float) config.scale(), (float) config.softCap());
  }

  /** One thing to do with a block. */
  interface Step {
    void run(AttentionBlocks.Block block);
  }

  /**
   * What is done with each block, in order. A list and not a row of calls: the compiler would put
   * them all into one method, give up half-way, and leave the vectors of the rest as objects.
   */
  abstract List<Step> steps();

  /** Runs every {@code stride}-th block. */
  void runBlocks(int first, int stride) {
    List<Step> steps = steps();
    int numBlocks = blocks.numBlocks(panel.columns);
    for (int i = first; i < numBlocks; i += stride) {
      AttentionBlocks.Block block = blocks.block(i, panel.columns, panel.positions);
      for (Step step : steps) {
        step.run(block);
      }
    }
  }

  /** {@code scores = K Q^T}, scaled, capped and masked; their maxima. */
  void computeScores(AttentionBlocks.Block block, float[] maximum) {
    int from = block.keysFrom();
    int to = block.keysTo();
    panel.rowsTimes(panel.keyRows, from, to, panel.queries, panel.scores());
    loops.scores(panel.scores(), from, to, rule, maximum);
  }

  /** {@code exp(score - shift)}, added to {@code panel.sum} chunk by chunk. */
  void computeProbabilities(AttentionBlocks.Block block, float[] shift) {
    int chunk = AttentionPanels.CHUNK;
    for (int from = block.keysFrom(); from < block.keysTo(); from += chunk) {
      int to = Math.min(block.keysTo(), from + chunk);
      loops.probabilities(panel.scores(), from, to, shift, panel.probabilities, panel.sum);
    }
    clearAfter(block, panel.probabilities);
  }

  /** Zeros from a block's last key to the end of its chunk. */
  void clearAfter(AttentionBlocks.Block block, float[] weights) {
    int chunk = AttentionPanels.CHUNK;
    int end = Math.ceilDiv(block.keysTo(), chunk) * chunk;
    Arrays.fill(weights, block.keysTo() * panel.columns, end * panel.columns, 0);
  }

  /** Packs a block's rows of a matrix {@code [queries, heads * headDim]}: {@code [headDim, W]}. */
  void packColumns(AttentionBlocks.Block block, Tensor x, float[] to) {
    int dim = config.headDim();
    if (block.count() < panel.columns) {
      Arrays.fill(to, 0, dim * panel.columns, 0);
    }
    blocks.forRuns(
        block,
        x.address(),
        (column, count, address) ->
            panel.matmul.transpose(
                new MatMulLoops.Block(address, blocks.rowBytes(), count, dim),
                to,
                column,
                panel.columns));
  }

  /** Writes the products back as rows, column c times {@code factors[c]}. */
  void writeColumns(AttentionBlocks.Block block, Tensor x, float[] factors) {
    int dim = config.headDim();
    panel.matmul.transpose(
        new MatMulLoops.Block(panel.products(), 4L * panel.columns, dim, panel.columns),
        panel.transposed,
        0,
        dim);
    blocks.forRuns(
        block,
        x.address(),
        (column, count, address) -> {
          for (int c = column; c < column + count; c++) {
            for (int i = c * dim; i < (c + 1) * dim; i++) {
              panel.transposed[i] *= factors[c];
            }
            Memory.write(
                panel.transposed, c * dim, dim, address + (c - column) * blocks.rowBytes());
          }
        });
  }

  /** The blocks' key-value head of k or v, or of a gradient, at an address. */
  AttentionPanels.Head keyHead(long address) {
    long rowBytes = 4L * config.numKeyValueHeads() * config.headDim();
    return new AttentionPanels.Head(address + 4L * blocks.keyHead() * config.headDim(), rowBytes);
  }

  /** Address of a column's element of a matrix {@code [queries, numHeads]}. */
  long perHead(Tensor x, int column) {
    return x.address()
        + 4 * ((long) blocks.query(column) * config.numHeads() + blocks.head(column));
  }
}
