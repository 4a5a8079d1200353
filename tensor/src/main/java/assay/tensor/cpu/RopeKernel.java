package assay.tensor.cpu;

import assay.tensor.Tensor;
import assay.tensor.kernel.Checks;

/** Rotary position embedding, F32. */
final class RopeKernel {
  private final FastBackend backend;
  private final RowLoops loops;

  RopeKernel(FastBackend backend) {
    this.backend = backend;
    this.loops = backend.loops().rows();
  }

  /**
   * @param inverse rotate back: sin changes its sign
   */
  void rotate(Tensor x, Tensor cos, Tensor sin, int headDim, boolean inverse, Tensor out) {
    Checks.sameShape("rope", x, out);
    Checks.sameShape("rope", cos, sin);
    Checks.sameDType("rope", x, cos, sin, out);
    int half = headDim / 2;
    if (headDim % 2 != 0
        || x.numColumns() % headDim != 0
        || cos.size() != (long) x.numRows() * half) {
      throw new IllegalArgumentException(
          "rope: angles " + cos.shape() + " for " + x.shape() + " in heads of " + headDim);
    }
    int heads = x.numColumns() / headDim;
    float sign = inverse ? -1 : 1;
    long from = x.address();
    long to = out.address();
    long cosines = cos.address();
    long sines = sin.address();
    backend.forRows(
        x,
        (row, offset, worker) -> {
          long angles = 4L * row * half;
          for (int head = 0; head < heads; head++) {
            long at = offset + 4L * head * headDim;
            loops.rotate(from + at, cosines + angles, sines + angles, sign, to + at, half);
          }
        });
  }
}
