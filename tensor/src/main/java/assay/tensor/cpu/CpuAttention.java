package assay.tensor.cpu;

import assay.tensor.AttentionConfig;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import java.util.Arrays;

/**
 * Attention over segments without the scores of all queries in memory: a block of W queries at a
 * time against the keys of its path, which are gathered once for all queries of a segment.
 *
 * <p>Everything is laid out so that a block's queries are the columns of a matmul tile. Each sum
 * over keys is then a chain in the order of positions, and keys that a query does not see add
 * exactly nothing to it: the bits do not depend on how prompts are shared or rows are packed.
 */
final class CpuAttention implements AutoCloseable {
  private final WorkerPool pool;
  private final CpuLoops loops;
  private final AttentionPanels[] panels; // per worker

  CpuAttention(WorkerPool pool, CpuLoops loops) {
    this.pool = pool;
    this.loops = loops;
    panels = new AttentionPanels[pool.numThreads()];
    Arrays.setAll(panels, i -> new AttentionPanels(loops.matmul()));
  }

  /** The tensors of a forward, all F32. */
  record Forward(Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {}

  void forward(AttentionConfig config, Segments segments, int[] queryRows, Forward tensors) {
    Checks.attention(
        config,
        segments,
        queryRows,
        tensors.logSumExp,
        new Tensor[] {tensors.q, tensors.out},
        new Tensor[] {tensors.k, tensors.v});
    int heads = config.numKeyValueHeads();
    int numPairs = segments.count() * heads;
    int splits = Math.max(1, Math.ceilDiv(4 * pool.numThreads(), numPairs));
    pool.runOnWorkers(
        numPairs * splits,
        (task, worker) -> {
          int pair = task / splits;
          AttentionBlocks blocks =
              AttentionBlocks.of(config, segments, queryRows, pair / heads, pair % heads);
          forward(blocks, task % splits, splits, tensors, panels[worker]);
        });
  }

  /** Every {@code splits}-th block of a segment and key-value head. */
  private void forward(
      AttentionBlocks blocks, int split, int splits, Forward tensors, AttentionPanels panel) {
    int width = panel.columns;
    int numBlocks = blocks.numBlocks(width);
    if (split >= numBlocks) {
      return;
    }
    AttentionConfig config = blocks.config();
    panel.prepare(config.headDim(), blocks.segments().pathLength(blocks.segment()), false);
    panel.packRows(blocks.segments(), blocks.segment(), head(tensors.k, blocks), panel.keyRows);
    panel.packColumns(
        blocks.segments(), blocks.segment(), head(tensors.v, blocks), panel.valueColumns);
    for (int i = split; i < numBlocks; i += splits) {
      AttentionBlocks.Block block = blocks.block(i, width, panel.positions);
      scores(blocks, block, tensors.q, panel);
      softmax(block, panel);
      panel.columnsTimes(panel.valueColumns, block.keysFrom(), block.keysTo(), panel.probabilities);
      writeOut(blocks, block, tensors, panel);
    }
  }

  /** {@code scores = K Q^T}, scaled, capped and masked; their maxima. */
  private void scores(
      AttentionBlocks blocks, AttentionBlocks.Block block, Tensor q, AttentionPanels panel) {
    packColumns(blocks, block, q, panel.queries, panel);
    panel.rowsTimes(panel.keyRows, block.keysFrom(), block.keysTo(), panel.queries, panel.scores());
    Arrays.fill(panel.maximum, -Float.MAX_VALUE);
    loops
        .attention()
        .scores(
            panel.scores(),
            block.keysFrom(),
            block.keysTo(),
            rule(blocks.config(), panel.positions),
            panel.maximum);
  }

  static AttentionLoops.Rule rule(AttentionConfig config, float[] positions) {
    float window = config.window() > 0 ? config.window() : Float.POSITIVE_INFINITY;
    return new AttentionLoops.Rule(
        positions, window, (float) config.scale(), (float) config.softCap());
  }

  /** Probabilities that are not yet divided by their sum; the sum is taken chunk by chunk. */
  private void softmax(AttentionBlocks.Block block, AttentionPanels panel) {
    Arrays.fill(panel.sum, 0);
    probabilities(block, panel.maximum, panel);
  }

  void probabilities(AttentionBlocks.Block block, float[] shift, AttentionPanels panel) {
    int chunk = AttentionPanels.CHUNK;
    for (int from = block.keysFrom(); from < block.keysTo(); from += chunk) {
      int to = Math.min(block.keysTo(), from + chunk);
      loops
          .attention()
          .probabilities(panel.scores(), from, to, shift, panel.probabilities, panel.sum);
    }
    clearAfter(block, panel.probabilities, panel.columns);
  }

  /** Zeros from a block's last key to the end of its chunk. */
  static void clearAfter(AttentionBlocks.Block block, float[] weights, int columns) {
    int chunk = AttentionPanels.CHUNK;
    int end = Math.ceilDiv(block.keysTo(), chunk) * chunk;
    Arrays.fill(weights, block.keysTo() * columns, end * columns, 0);
  }

  private void writeOut(
      AttentionBlocks blocks, AttentionBlocks.Block block, Forward tensors, AttentionPanels panel) {
    for (int c = 0; c < block.count(); c++) {
      float logSumExp = panel.maximum[c] + FloatMath.log(panel.sum[c]);
      int column = block.first() + c;
      long index = (long) blocks.query(column) * blocks.config().numHeads() + blocks.head(column);
      Memory.setFloat(tensors.logSumExp.address() + 4 * index, logSumExp);
      panel.sum[c] = 1 / panel.sum[c];
    }
    writeColumns(blocks, block, tensors.out, panel.sum, panel);
  }

  /** Packs a block's rows of a matrix {@code [queries, heads * headDim]}: {@code [headDim, W]}. */
  static void packColumns(
      AttentionBlocks blocks,
      AttentionBlocks.Block block,
      Tensor x,
      float[] to,
      AttentionPanels panel) {
    int dim = blocks.config().headDim();
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
  static void writeColumns(
      AttentionBlocks blocks,
      AttentionBlocks.Block block,
      Tensor x,
      float[] factors,
      AttentionPanels panel) {
    int dim = blocks.config().headDim();
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

  /** The blocks' key-value head of k, v or their gradients. */
  static AttentionPanels.Head head(Tensor x, AttentionBlocks blocks) {
    AttentionConfig config = blocks.config();
    long rowBytes = 4L * config.numKeyValueHeads() * config.headDim();
    return new AttentionPanels.Head(
        x.address() + 4L * blocks.keyHead() * config.headDim(), rowBytes);
  }

  /** The tensors of a backward, all F32. */
  record Backward(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor out,
      Tensor logSumExp,
      Tensor dOut,
      Tensor dq,
      Tensor dk,
      Tensor dv) {}

  /** A task is a tree and a key-value head: nobody else writes its keys' gradients. */
  void backward(AttentionConfig config, Segments segments, int[] queryRows, Backward tensors) {
    Checks.attention(
        config,
        segments,
        queryRows,
        tensors.logSumExp,
        new Tensor[] {tensors.q, tensors.out, tensors.dOut, tensors.dq},
        new Tensor[] {tensors.k, tensors.v, tensors.dk, tensors.dv});
    int[] roots = new int[segments.count()];
    int numRoots = 0;
    for (int s = 0; s < segments.count(); s++) {
      if (segments.parent(s) == Segments.NONE) {
        roots[numRoots++] = s;
      }
    }
    int heads = config.numKeyValueHeads();
    pool.runOnWorkers(
        numRoots * heads,
        (task, worker) -> {
          int root = roots[task / heads];
          for (int s = root; s < segments.count(); s++) {
            if (segments.root(s) == root) {
              AttentionBlocks blocks =
                  AttentionBlocks.of(config, segments, queryRows, s, task % heads);
              zeroKeyGradients(blocks, tensors);
              if (blocks.numQueries() > 0) {
                new AttentionBackward(this, loops, blocks, tensors, panels[worker]).run();
              }
            }
          }
        });
  }

  /** A segment's own rows; its children come later and add to them. */
  private static void zeroKeyGradients(AttentionBlocks blocks, Backward tensors) {
    Segments segments = blocks.segments();
    long bytes = 4L * blocks.config().headDim();
    for (Tensor gradient : new Tensor[] {tensors.dk, tensors.dv}) {
      AttentionPanels.Head head = head(gradient, blocks);
      for (int row = segments.start(blocks.segment());
          row < segments.end(blocks.segment());
          row++) {
        Memory.zero(head.row(row), bytes);
      }
    }
  }

  @Override
  public void close() {
    for (AttentionPanels panel : panels) {
      panel.close();
    }
  }
}
