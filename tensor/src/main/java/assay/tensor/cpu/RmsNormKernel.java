package assay.tensor.cpu;

import assay.tensor.BinaryKind;
import assay.tensor.Tensor;
import assay.tensor.kernel.Checks;

/** Root mean square norm of rows, F32. */
final class RmsNormKernel implements AutoCloseable {
  /** Rows whose share of the weight's gradient is summed first; not a matter of threads. */
  private static final int CHUNK_ROWS = 64;

  private final FastBackend backend;
  private final RowLoops loops;
  private final NativeBuffer sums = new NativeBuffer(); // [chunks, dim]

  RmsNormKernel(FastBackend backend) {
    this.backend = backend;
    this.loops = backend.loops().rows();
  }

  @Override
  public void close() {
    sums.close();
  }

  /** {@code out = x r (weight + offset)}, {@code r = 1 / sqrt(mean(x^2) + epsilon)}. */
  void forward(
      Tensor x, Tensor weight, double weightOffset, double epsilon, Tensor out, Tensor inverseRms) {
    Checks.sameShape("rmsNorm", x, out);
    check("rmsNorm", x, weight, inverseRms);
    Checks.sameDType("rmsNorm", x, weight, out, inverseRms);
    int columns = x.numColumns();
    long from = x.address();
    long to = out.address();
    long weights = weight.address();
    long inverses = inverseRms.address();
    backend.forRows(
        x,
        (row, offset, worker) -> {
          double mean = loops.sumOfSquares(from + offset, columns) / columns;
          float r = (float) (1 / Math.sqrt(mean + epsilon));
          Memory.setFloat(inverses + 4L * row, r);
          loops.rmsNorm(from + offset, r, weights, (float) weightOffset, to + offset, columns);
        });
  }

  /**
   * With {@code g = dy (weight + offset)}: {@code dx = r g - x r^3 mean(g x)}; {@code dWeight +=
   * sum over rows of dy x r}, unless it is null. The sum is taken chunk by chunk.
   */
  synchronized void backward(
      Tensor x,
      Tensor weight,
      double weightOffset,
      Tensor inverseRms,
      Tensor dy,
      Tensor dx,
      Tensor dWeight) {
    Checks.sameShape("rmsNormBackward", x, dy);
    Checks.sameShape("rmsNormBackward", x, dx);
    check("rmsNormBackward", x, weight, inverseRms);
    Checks.sameDType("rmsNormBackward", x, weight, inverseRms, dy, dx);
    int rows = x.numRows();
    int columns = x.numColumns();
    long rowBytes = 4L * columns;
    int numChunks = Math.ceilDiv(rows, CHUNK_ROWS);
    long chunkSums = 0;
    if (dWeight != null) {
      Checks.sameShape("rmsNormBackward", weight, dWeight);
      Checks.sameDType("rmsNormBackward", weight, dWeight);
      chunkSums = sums.ensure(numChunks * rowBytes);
    }
    Rows call =
        new Rows(
            x.address(),
            weight.address(),
            (float) weightOffset,
            inverseRms.address(),
            dy.address(),
            dx.address(),
            columns);
    long firstSum = chunkSums;
    backend
        .pool()
        .run(
            numChunks,
            chunk -> {
              long sum = firstSum == 0 ? 0 : firstSum + chunk * rowBytes;
              int first = chunk * CHUNK_ROWS;
              backwardOfRows(call, first, Math.min(rows, first + CHUNK_ROWS), sum);
            });
    if (dWeight != null) {
      addInOrder(numChunks, firstSum, dWeight);
    }
  }

  /** Where the tensors of one backward lie. */
  private record Rows(
      long x, long weight, float offset, long inverseRms, long dy, long dx, int columns) {}

  /**
   * @param sum address of the rows' sum of {@code dy x r}, or 0 if it is not wanted
   */
  private void backwardOfRows(Rows call, int first, int end, long sum) {
    int columns = call.columns;
    if (sum != 0) {
      Memory.zero(sum, 4L * columns);
    }
    for (int row = first; row < end; row++) {
      long at = 4L * row * columns;
      float r = Memory.getFloat(call.inverseRms + 4L * row);
      long x = call.x + at;
      long dy = call.dy + at;
      if (sum != 0) {
        loops.addNormed(dy, x, r, sum, columns);
      }
      double dot = loops.weightedDot(dy, call.weight, call.offset, x, columns);
      float factor = (float) ((double) r * r * r * dot / columns);
      loops.rmsNormBackward(dy, call.weight, call.offset, r, x, factor, call.dx + at, columns);
    }
  }

  private void addInOrder(int numChunks, long chunkSums, Tensor dWeight) {
    ElementLoops elements = backend.loops().elements();
    long to = dWeight.address();
    for (int chunk = 0; chunk < numChunks; chunk++) {
      long sum = chunkSums + chunk * dWeight.bytes();
      elements.binary(BinaryKind.ADD, to, sum, false, to, dWeight.size());
    }
  }

  private static void check(String kernel, Tensor x, Tensor weight, Tensor inverseRms) {
    if (weight.size() != x.numColumns() || inverseRms.size() != x.numRows()) {
      throw new IllegalArgumentException(
          kernel
              + ": x "
              + x.shape()
              + " does not go with weight "
              + weight.shape()
              + " and inverseRms "
              + inverseRms.shape());
    }
  }
}
