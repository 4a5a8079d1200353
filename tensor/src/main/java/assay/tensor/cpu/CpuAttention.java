package assay.tensor.cpu;

import assay.tensor.AttentionConfig;
import assay.tensor.BinaryKind;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.cpu.AttentionBackward.KeyGradients;
import assay.tensor.kernel.Checks;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Attention over segments without the scores of all queries in memory: a block of W queries at a
 * time against the keys of its path, which are gathered once for all queries of a segment.
 *
 * <p>Everything is laid out so that a block's queries are the columns of a matmul tile. Each sum
 * over keys is then a chain in the order of positions, and keys that a query does not see add
 * exactly nothing to it: the bits do not depend on how prompts are shared or rows are packed.
 *
 * <p>Here the work is cut into tasks.
 */
final class CpuAttention implements AutoCloseable {
  /**
   * Tasks wanted of a backward. Not a matter of threads: how the heads of a group are divided
   * decides in which order their shares of a key's gradient are added.
   */
  private static final int MIN_BACKWARD_TASKS = 8;

  private final WorkerPool pool;
  private final CpuLoops loops;
  private final AttentionPanels[] panels; // per worker
  private final NativeBuffer shares = new NativeBuffer(); // [parts - 1] of dk and dv

  CpuAttention(WorkerPool pool, CpuLoops loops) {
    this.pool = pool;
    this.loops = loops;
    panels = new AttentionPanels[pool.numThreads()];
    Arrays.setAll(panels, i -> new AttentionPanels(loops.matmul()));
  }

  @Override
  public void close() {
    for (AttentionPanels panel : panels) {
      panel.close();
    }
    shares.close();
  }

  /** A task is some of the blocks of a segment and a key-value head. */
  void forward(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      AttentionForward.Tensors tensors) {
    Checks.attention(
        config,
        segments,
        queryRows,
        tensors.logSumExp(),
        new Tensor[] {tensors.q(), tensors.out()},
        new Tensor[] {tensors.k(), tensors.v()});
    int heads = config.numKeyValueHeads();
    int numPairs = segments.count() * heads;
    int splits = Math.max(1, Math.ceilDiv(4 * pool.numThreads(), numPairs));
    pool.runOnWorkers(
        numPairs * splits,
        (task, worker) -> {
          int pair = task / splits;
          AttentionBlocks blocks =
              AttentionBlocks.of(config, segments, queryRows, pair / heads, pair % heads);
          new AttentionForward(loops, blocks, panels[worker], tensors).run(task % splits, splits);
        });
  }

  /**
   * A task is a tree and a key-value head, or, if these are few, a part of the head's query heads:
   * nobody else writes to its share of the keys' gradients. The shares are then added in order.
   */
  synchronized void backward(
      AttentionConfig config,
      Segments segments,
      int[] queryRows,
      AttentionBackward.Tensors tensors) {
    Checks.attention(
        config,
        segments,
        queryRows,
        tensors.logSumExp(),
        new Tensor[] {tensors.q(), tensors.out(), tensors.dOut(), tensors.dq()},
        new Tensor[] {tensors.k(), tensors.v(), tensors.dk(), tensors.dv()});
    int heads = config.numKeyValueHeads();
    int[] roots =
        IntStream.range(0, segments.count())
            .filter(s -> segments.parent(s) == Segments.NONE)
            .toArray();
    int numParts = numParts(config, roots.length);
    KeyGradients[] gradients = gradients(tensors, numParts);
    pool.runOnWorkers(
        roots.length * heads * numParts,
        (task, worker) -> {
          int part = task % numParts;
          int root = roots[task / numParts / heads];
          for (int s = root; s < segments.count(); s++) {
            if (segments.root(s) == root) {
              AttentionBlocks blocks =
                  AttentionBlocks.of(config, segments, queryRows, s, task / numParts % heads)
                      .part(part, numParts);
              new AttentionBackward(loops, blocks, panels[worker], tensors, gradients[part]).run();
            }
          }
        });
    addShares(tensors, gradients);
  }

  /** The smallest divisor of the group that gives enough tasks, or all of the group. */
  private static int numParts(AttentionConfig config, int numRoots) {
    int parts = 1;
    while (parts < config.groupSize()
        && (config.groupSize() % parts != 0
            || (long) numRoots * config.numKeyValueHeads() * parts < MIN_BACKWARD_TASKS)) {
      parts++;
    }
    return parts;
  }

  /** The first part adds straight to the outputs. */
  private KeyGradients[] gradients(AttentionBackward.Tensors tensors, int numParts) {
    long bytes = tensors.dk().bytes();
    long address = shares.ensure(2 * bytes * (numParts - 1));
    KeyGradients[] gradients = new KeyGradients[numParts];
    gradients[0] = new KeyGradients(tensors.dk().address(), tensors.dv().address());
    for (int part = 1; part < numParts; part++) {
      long share = address + 2 * bytes * (part - 1);
      gradients[part] = new KeyGradients(share, share + bytes);
    }
    return gradients;
  }

  private void addShares(AttentionBackward.Tensors tensors, KeyGradients[] gradients) {
    int rows = tensors.dk().numRows();
    int columns = tensors.dk().numColumns();
    ElementLoops elements = loops.elements();
    for (int part = 1; part < gradients.length; part++) {
      KeyGradients share = gradients[part];
      pool.run(
          rows,
          row -> {
            long at = 4L * row * columns;
            long dk = gradients[0].dk() + at;
            long dv = gradients[0].dv() + at;
            elements.binary(BinaryKind.ADD, dk, share.dk() + at, false, dk, columns);
            elements.binary(BinaryKind.ADD, dv, share.dv() + at, false, dv, columns);
          });
    }
  }
}
