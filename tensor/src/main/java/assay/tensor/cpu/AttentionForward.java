package assay.tensor.cpu;

import assay.tensor.Segments;
import assay.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** The forward of attention for one segment's queries and one key-value head. */
final class AttentionForward extends AttentionPass {
  /** The tensors of a forward, all F32. */
  record Tensors(Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {}

  private final Tensors tensors;

  AttentionForward(CpuLoops loops, AttentionBlocks blocks, AttentionPanels panel, Tensors tensors) {
    super(loops, blocks, panel);
    this.tensors = tensors;
  }

  /** Every {@code stride}-th block. */
  void run(int first, int stride) {
    if (first >= blocks.numBlocks(panel.columns)) {
      return;
    }
    Segments segments = blocks.segments();
    int segment = blocks.segment();
    int visible = blocks.numVisibleKeys(); // of a key-value cache the rest is still empty
    panel.prepare(config.headDim(), visible, false);
    panel.packRows(segments, segment, keyHead(tensors.k.address()), visible, panel.keyRows);
    panel.packColumns(segments, segment, keyHead(tensors.v.address()), visible, panel.valueColumns);
    runBlocks(first, stride);
  }

  @Override
  List<Step> steps() {
    return List.of(
        this::loadQueries, this::computeScores, this::softmax, this::multiply, this::store);
  }

  private void loadQueries(AttentionBlocks.Block block) {
    packColumns(block, tensors.q, panel.queries);
  }

  private void computeScores(AttentionBlocks.Block block) {
    Arrays.fill(panel.maximum, -Float.MAX_VALUE);
    computeScores(block, panel.maximum);
  }

  /** Not yet divided by the sums. */
  private void softmax(AttentionBlocks.Block block) {
    Arrays.fill(panel.sum, 0);
    computeProbabilities(block, panel.maximum);
  }

  private void multiply(AttentionBlocks.Block block) {
    panel.columnsTimes(panel.valueColumns, block.keysFrom(), block.keysTo(), panel.probabilities);
  }

  private void store(AttentionBlocks.Block block) {
    for (int c = 0; c < block.count(); c++) {
      float logSumExp = panel.maximum[c] + FloatMath.log(panel.sum[c]);
      Memory.setFloat(perHead(tensors.logSumExp, block.first() + c), logSumExp);
      panel.sum[c] = 1 / panel.sum[c];
    }
    writeColumns(block, tensors.out, panel.sum);
  }
}
