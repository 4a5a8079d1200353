package assay.tensor.cpu;

/**
 * Matmul's loops without the Vector API. The compiler turns the inner loop of {@link #addFour} into
 * vector instructions by itself, as long as every array is indexed by the loop's counter alone.
 */
final class PlainMatMulLoops implements MatMulLoops {
  private static final int ROWS = 8;
  private static final int COLUMNS = 64;
  private static final int UNROLL = 4;

  @Override
  public int tileRows() {
    return ROWS;
  }

  @Override
  public int tileColumns() {
    return COLUMNS;
  }

  @Override
  public int maxDepth() {
    return 256;
  }

  @Override
  public void tile(
      float[] a,
      int aStart,
      float[] b,
      int bStart,
      int depth,
      long c,
      long rowBytes,
      boolean first) {
    float[][] sums = new float[ROWS][COLUMNS];
    for (int row = 0; row < ROWS && !first; row++) {
      Memory.read(c + row * rowBytes, sums[row], 0, COLUMNS);
    }
    float[][] four = new float[UNROLL][COLUMNS];
    int k = 0;
    for (; k + UNROLL <= depth; k += UNROLL) {
      for (int i = 0; i < UNROLL; i++) {
        System.arraycopy(b, bStart + (k + i) * COLUMNS, four[i], 0, COLUMNS);
      }
      for (int row = 0; row < ROWS; row += 2) {
        int a0 = aStart + row * depth + k;
        addFour(a, a0, a0 + depth, four, sums[row], sums[row + 1]);
      }
    }
    for (; k < depth; k++) {
      System.arraycopy(b, bStart + k * COLUMNS, four[0], 0, COLUMNS);
      for (int row = 0; row < ROWS; row++) {
        addOne(a[aStart + row * depth + k], four[0], sums[row]);
      }
    }
    for (int row = 0; row < ROWS; row++) {
      Memory.write(sums[row], 0, COLUMNS, c + row * rowBytes);
    }
  }

  /** Four steps of k for two rows, so that each value of B that is loaded is used twice. */
  private static void addFour(
      float[] a, int row0, int row1, float[][] b, float[] sums0, float[] sums1) {
    float a00 = a[row0];
    float a01 = a[row0 + 1];
    float a02 = a[row0 + 2];
    float a03 = a[row0 + 3];
    float a10 = a[row1];
    float a11 = a[row1 + 1];
    float a12 = a[row1 + 2];
    float a13 = a[row1 + 3];
    float[] b0 = b[0];
    float[] b1 = b[1];
    float[] b2 = b[2];
    float[] b3 = b[3];
    for (int j = 0; j < sums0.length; j++) {
      float sum0 = Math.fma(a00, b0[j], sums0[j]);
      float sum1 = Math.fma(a10, b0[j], sums1[j]);
      sum0 = Math.fma(a01, b1[j], sum0);
      sum1 = Math.fma(a11, b1[j], sum1);
      sum0 = Math.fma(a02, b2[j], sum0);
      sum1 = Math.fma(a12, b2[j], sum1);
      sums0[j] = Math.fma(a03, b3[j], sum0);
      sums1[j] = Math.fma(a13, b3[j], sum1);
    }
  }

  private static void addOne(float a, float[] b, float[] sums) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] = Math.fma(a, b[j], sums[j]);
    }
  }

  @Override
  public void copy(Block x, float[] panel, int start, int stride) {
    for (int row = 0; row < x.rows(); row++) {
      Memory.read(x.address() + row * x.rowBytes(), panel, start + row * stride, x.columns());
    }
  }

  @Override
  public void transpose(Block x, float[] panel, int start, int stride) {
    transposeOneByOne(x, panel, start, stride);
  }

  static void transposeOneByOne(Block x, float[] panel, int start, int stride) {
    for (int row = 0; row < x.rows(); row++) {
      long from = x.address() + row * x.rowBytes();
      for (int column = 0; column < x.columns(); column++) {
        panel[start + column * stride + row] = Memory.getFloat(from + 4L * column);
      }
    }
  }
}
