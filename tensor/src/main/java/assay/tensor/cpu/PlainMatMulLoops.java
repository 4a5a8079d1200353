package assay.tensor.cpu;

/**
 * Matmul's loops without the Vector API. The compiler turns the inner loop of {@link #addEight}
 * into vector instructions by itself, as long as every array is indexed by the loop's counter
 * alone.
 */
final class PlainMatMulLoops implements MatMulLoops {
  private static final int ROWS = 8;
  private static final int COLUMNS = 64;
  private static final int UNROLL = 8;

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
    float[][] eight = new float[UNROLL][COLUMNS];
    int k = 0;
    for (; k + UNROLL <= depth; k += UNROLL) {
      for (int i = 0; i < UNROLL; i++) {
        System.arraycopy(b, bStart + (k + i) * COLUMNS, eight[i], 0, COLUMNS);
      }
      for (int row = 0; row < ROWS; row++) {
        addEight(a, aStart + row * depth + k, eight, sums[row]);
      }
    }
    for (; k < depth; k++) {
      System.arraycopy(b, bStart + k * COLUMNS, eight[0], 0, COLUMNS);
      for (int row = 0; row < ROWS; row++) {
        addOne(a[aStart + row * depth + k], eight[0], sums[row]);
      }
    }
    for (int row = 0; row < ROWS; row++) {
      Memory.write(sums[row], 0, COLUMNS, c + row * rowBytes);
    }
  }

  private static void addEight(float[] a, int start, float[][] b, float[] sums) {
    float a0 = a[start];
    float a1 = a[start + 1];
    float a2 = a[start + 2];
    float a3 = a[start + 3];
    float a4 = a[start + 4];
    float a5 = a[start + 5];
    float a6 = a[start + 6];
    float a7 = a[start + 7];
    float[] b0 = b[0];
    float[] b1 = b[1];
    float[] b2 = b[2];
    float[] b3 = b[3];
    float[] b4 = b[4];
    float[] b5 = b[5];
    float[] b6 = b[6];
    float[] b7 = b[7];
    for (int j = 0; j < sums.length; j++) {
      float sum = sums[j];
      sum = Math.fma(a0, b0[j], sum);
      sum = Math.fma(a1, b1[j], sum);
      sum = Math.fma(a2, b2[j], sum);
      sum = Math.fma(a3, b3[j], sum);
      sum = Math.fma(a4, b4[j], sum);
      sum = Math.fma(a5, b5[j], sum);
      sum = Math.fma(a6, b6[j], sum);
      sum = Math.fma(a7, b7[j], sum);
      sums[j] = sum;
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
