package assay.bench;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Matrix products of training, as shares of the arithmetic ceiling.
 *
 * <p>The shapes are those of SmolLM2-135M (hidden size 576, MLP 1536, keys and values 192) and of a
 * toy model with 64 and 172, for 2,048 tokens and for few: the forward product {@code x W^T} (nt),
 * the gradient of x, {@code dy W} (nn), and that of W, {@code dy^T x} (tn).
 *
 * <p>Each run of a product follows a run of {@link Roofline}, so that both meet the same clock
 * speed and the same neighbours. The share quoted is best over best; the medians, of products and
 * of ceilings, tell how quiet the machine was.
 *
 * <p>Usage: {@code bench/run assay.bench.Gemm [THREADS...]}, by default 1 and 2.
 */
public final class Gemm {
  private static final int MIN_ROUNDS = 9;
  private static final int WARM_UP_ROUNDS = 5;
  private static final long PRODUCT_NANOS = 500_000_000;

  /** Short runs, of which some escape whatever else the machine does. */
  private static final long RUN_NANOS = 3_000_000;

  private static final int CEILING_ITERATIONS = 1_000_000;

  private enum Layout {
    NN,
    NT,
    TN
  }

  /** out is [m, n], the sum runs over k. */
  private record Product(Layout layout, int m, int k, int n) {
    double operations() {
      return 2.0 * m * k * n;
    }
  }

  private static final List<Product> PRODUCTS =
      List.of(
          new Product(Layout.NT, 2048, 576, 576),
          new Product(Layout.NT, 2048, 576, 192),
          new Product(Layout.NT, 2048, 576, 1536),
          new Product(Layout.NT, 2048, 1536, 576),
          new Product(Layout.NN, 2048, 576, 576),
          new Product(Layout.NN, 2048, 1536, 576),
          new Product(Layout.NN, 2048, 576, 1536),
          new Product(Layout.TN, 576, 2048, 576),
          new Product(Layout.TN, 1536, 2048, 576),
          new Product(Layout.TN, 576, 2048, 1536),
          new Product(Layout.NN, 2048, 2048, 2048),
          new Product(Layout.NT, 64, 576, 576),
          new Product(Layout.NT, 64, 576, 1536),
          new Product(Layout.NT, 64, 1536, 576),
          new Product(Layout.NT, 16, 576, 576),
          new Product(Layout.NT, 1, 576, 576),
          new Product(Layout.NT, 2048, 64, 64),
          new Product(Layout.NT, 2048, 64, 172),
          new Product(Layout.NT, 2048, 172, 64),
          new Product(Layout.NN, 2048, 172, 64),
          new Product(Layout.TN, 172, 2048, 64),
          new Product(Layout.TN, 64, 2048, 172),
          new Product(Layout.NT, 500, 64, 64),
          new Product(Layout.NT, 2048, 8, 64),
          new Product(Layout.NT, 2048, 64, 1));

  private Gemm() {}

  /** Prints one table per thread count. */
  public static void main(String... arguments) throws InterruptedException, ExecutionException {
    List<String> threadCounts = arguments.length == 0 ? List.of("1", "2") : List.of(arguments);
    for (String threadCount : threadCounts) {
      int numThreads = Integer.parseInt(threadCount);
      try (Device device = Device.cpu(numThreads);
          ExecutorService pool = Executors.newFixedThreadPool(numThreads)) {
        System.out.printf("%n%s; best (median)%n%n", device.description());
        System.out.println("| product | M x K x N | GFLOP/s | ceiling | share | time, us |");
        System.out.println("|---|---|---|---|---|---|");
        for (Product product : PRODUCTS) {
          measure(product, device, pool, numThreads);
        }
      }
    }
  }

  private static void measure(Product product, Device device, ExecutorService pool, int numThreads)
      throws InterruptedException, ExecutionException {
    List<Double> products = new ArrayList<>();
    List<Double> ceilings = new ArrayList<>();
    try (TensorArena arena = TensorArena.open(device, "operands")) {
      boolean transposeA = product.layout == Layout.TN;
      boolean transposeB = product.layout == Layout.NT;
      Tensor a = ones(arena, product.m, product.k, transposeA);
      Tensor b = ones(arena, product.k, product.n, transposeB);
      Tensor out = arena.zeros(DType.F32, product.m, product.n);
      long end = System.nanoTime() + PRODUCT_NANOS;
      for (int round = 0; round < MIN_ROUNDS + WARM_UP_ROUNDS || System.nanoTime() < end; round++) {
        double ceiling = Roofline.gigaflops(pool, numThreads, CEILING_ITERATIONS);
        int calls = 0;
        long start = System.nanoTime();
        long nanos = 0;
        while (nanos < RUN_NANOS) {
          device.backend().matmul(a, transposeA, b, transposeB, 1, 0, out);
          calls++;
          nanos = System.nanoTime() - start;
        }
        if (round >= WARM_UP_ROUNDS) {
          ceilings.add(ceiling);
          products.add(product.operations() * calls / nanos);
        }
      }
    }
    print(product, products, ceilings);
  }

  private static void print(Product product, List<Double> products, List<Double> ceilings) {
    Collections.sort(products);
    Collections.sort(ceilings);
    double best = products.getLast();
    System.out.printf(
        "| %s | %d x %d x %d | %.1f (%.1f) | %.1f (%.1f) | %.0f %% | %.1f |%n",
        product.layout.name().toLowerCase(Locale.ROOT),
        product.m,
        product.k,
        product.n,
        best,
        products.get(products.size() / 2),
        ceilings.getLast(),
        ceilings.get(ceilings.size() / 2),
        100 * best / ceilings.getLast(),
        product.operations() / best / 1e3);
  }

  private static Tensor ones(TensorArena arena, int rows, int columns, boolean transposed) {
    Tensor x = arena.empty(DType.F32, transposed ? columns : rows, transposed ? rows : columns);
    arena.device().backend().fill(x, 1);
    return x;
  }
}
