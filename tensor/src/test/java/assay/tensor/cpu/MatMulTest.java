package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Matmul's definition, to the bit: one chain of fused multiply-adds over k ascending. */
class MatMulTest {
  private static final int[] SIZES = {1, 3, 17, 63, 64, 65, 127, 500};

  @Test
  void everyPathGivesTheBitsOfTheDefinition() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 60; i++) {
      int m = SIZES[random.nextInt(SIZES.length)];
      int k = SIZES[random.nextInt(SIZES.length)];
      int n = SIZES[random.nextInt(SIZES.length)];
      check(random, CpuLoops.plain(), m, k, n, i);
      check(random, CpuLoops.vector(), m, k, n, i);
    }
  }

  private static void check(
      SplittableRandom random, CpuLoops loops, int m, int k, int n, int flags) {
    boolean ta = (flags & 1) != 0;
    boolean tb = (flags & 2) != 0;
    boolean acc = (flags & 4) != 0;
    float alpha = (flags & 8) != 0 ? 0.3f : 1;
    float[] a = random(random, m * k);
    float[] b = random(random, k * n);
    float[] c = random(random, m * n);
    float[] expected = new float[m * n];
    for (int row = 0; row < m; row++) {
      for (int col = 0; col < n; col++) {
        float sum = acc ? c[row * n + col] : 0;
        for (int i = 0; i < k; i++) {
          float x = alpha * (ta ? a[i * m + row] : a[row * k + i]);
          sum = Math.fma(x, tb ? b[col * k + i] : b[i * n + col], sum);
        }
        expected[row * n + col] = sum;
      }
    }
    long pa = Memory.allocate(4L * a.length, 64);
    long pb = Memory.allocate(4L * b.length, 64);
    long pc = Memory.allocate(4L * c.length, 64);
    Memory.write(a, 0, a.length, pa);
    Memory.write(b, 0, b.length, pb);
    Memory.write(c, 0, c.length, pc);
    try (WorkerPool pool = new WorkerPool(1 + flags % 3);
        MatMul matmul = new MatMul(pool, loops.matmul())) {
      matmul.multiply(
          new MatMul.Operand(pa, ta, m, k), new MatMul.Operand(pb, tb, k, n), alpha, acc, pc);
    }
    float[] actual = new float[m * n];
    Memory.read(pc, actual, 0, m * n);
    Memory.free(pa);
    Memory.free(pb);
    Memory.free(pc);
    assertArrayEquals(expected, actual, loops.description() + " " + m + " " + k + " " + n);
  }

  private static float[] random(SplittableRandom random, int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }
}
