package assay.bench;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.RandomKind;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Matrix products of a Llama-3-8B training step on a GPU, in TFLOP/s.
 *
 * <p>Usage: {@code bench/run assay.bench.GpuGemm [ROWS [DEVICE]]}, by default 8192 rows on cuda.
 * {@code bench/gpu_peer.py gemm} times the same products by PyTorch.
 */
public final class GpuGemm {
  private static final int ROUNDS = 7;
  private static final int CALLS = 10;

  /** out is [m, n], the sum runs over k. */
  private record Product(String name, int m, int k, int n, boolean transposeA, boolean transposeB) {
    static List<Product> of(String layer, int rows, int in, int out) {
      return List.of(
          new Product(layer + " forward, nt", rows, in, out, false, true),
          new Product(layer + " dx, nn", rows, out, in, false, false),
          new Product(layer + " dW, tn", out, rows, in, true, false));
    }
  }

  private GpuGemm() {}

  /** Prints a table. */
  public static void main(String... arguments) {
    int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8192;
    try (Device device = Device.open(arguments.length > 1 ? arguments[1] : "cuda", 1)) {
      System.out.println(device.description());
      System.out.println("| product | M x K x N | bf16 TFLOP/s, best (median) | fp32 |");
      System.out.println("|---|---|---|---|");
      int hidden = rows / 2; // 4096
      for (List<Product> products :
          List.of(
              Product.of("q, o", rows, hidden, hidden),
              Product.of("k, v", rows, hidden, hidden / 4),
              Product.of("gate, up", rows, hidden, hidden * 7 / 2),
              Product.of("down", rows, hidden * 7 / 2, hidden))) {
        products.forEach(product -> measure(device, product));
      }
    }
  }

  private static void measure(Device device, Product p) {
    double[] bf16 = teraflops(device, p, DType.BF16);
    double[] fp32 = teraflops(device, p, DType.F32);
    System.out.printf(
        Locale.ROOT,
        "| %s | %d x %d x %d | %.1f (%.1f) | %.1f (%.1f) |%n",
        p.name,
        p.m,
        p.k,
        p.n,
        bf16[ROUNDS - 1],
        bf16[ROUNDS / 2],
        fp32[ROUNDS - 1],
        fp32[ROUNDS / 2]);
  }

  /**
   * Ascending, a figure for each round. The gradient of a weight is added to F32, as in training.
   */
  private static double[] teraflops(Device device, Product p, DType dtype) {
    try (TensorArena arena = TensorArena.open(device, "operands")) {
      Tensor a = gaussian(arena, dtype, p.transposeA ? p.k : p.m, p.transposeA ? p.m : p.k);
      Tensor b = gaussian(arena, dtype, p.transposeB ? p.n : p.k, p.transposeB ? p.k : p.n);
      Tensor out = arena.zeros(p.transposeA ? dtype.sum() : dtype, p.m, p.n);
      double[] figures = new double[ROUNDS];
      for (int round = -1; round < ROUNDS; round++) { // the first warms up
        device.backend().synchronize();
        long start = System.nanoTime();
        for (int call = 0; call < CALLS; call++) {
          int beta = p.transposeA ? 1 : 0;
          device.backend().matmul(a, p.transposeA, b, p.transposeB, 1, beta, out);
        }
        device.backend().synchronize();
        long nanos = System.nanoTime() - start;
        if (round >= 0) {
          figures[round] = 2.0 * p.m * p.k * p.n * CALLS / nanos * 1e-3;
        }
      }
      Arrays.sort(figures);
      return figures;
    }
  }

  /** Random: a GPU draws less power, and runs faster, on zeros. */
  private static Tensor gaussian(TensorArena arena, DType dtype, int rows, int columns) {
    Tensor x = arena.empty(dtype, rows, columns);
    arena.device().backend().random(RandomKind.NORMAL, 1, x);
    return x;
  }
}
