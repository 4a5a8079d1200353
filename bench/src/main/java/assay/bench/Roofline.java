package assay.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The arithmetic ceiling: fp32 fused multiply-adds per second with every operand in a register.
 *
 * <p>A core starts one or two vector FMAs per cycle, but each takes about four cycles, so a single
 * chain of them reaches an eighth of the ceiling. {@value #CHAINS} independent chains keep the
 * units busy, and still fit the 16 registers of AVX2 with both constants.
 *
 * <p>Usage: {@code bench/run assay.bench.Roofline [THREADS...]}, by default 1 and 2. A matrix
 * product counts the same way (2 M K N operations), so its GFLOP/s over this is the share of the
 * ceiling.
 */
public final class Roofline {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int ITERATIONS = 20_000_000;
  private static final int WARM_UP_RUNS = 3;
  private static final int RUNS = 11;

  private Roofline() {}

  /** Prints one line per thread count. */
  public static void main(String... arguments) throws InterruptedException, ExecutionException {
    List<String> threadCounts = arguments.length == 0 ? List.of("1", "2") : List.of(arguments);
    System.out.printf("fp32 FMA, %d-bit vectors, %d runs%n", SPECIES.vectorBitSize(), RUNS);
    for (String threadCount : threadCounts) {
      int numThreads = Integer.parseInt(threadCount);
      double[] sorted = measure(numThreads);
      System.out.printf(
          "%d threads: best %.1f, median %.1f GFLOP/s%n",
          numThreads, sorted[RUNS - 1], sorted[RUNS / 2]);
    }
  }

  /** Returns the GFLOP/s of each run, all threads together, sorted. */
  private static double[] measure(int numThreads) throws InterruptedException, ExecutionException {
    try (ExecutorService pool = Executors.newFixedThreadPool(numThreads)) {
      double[] gigaflops = new double[RUNS];
      for (int run = -WARM_UP_RUNS; run < RUNS; run++) {
        double measured = gigaflops(pool, numThreads, ITERATIONS);
        if (run >= 0) {
          gigaflops[run] = measured;
        }
      }
      Arrays.sort(gigaflops);
      return gigaflops;
    }
  }

  /** One run on a pool of this many threads: GFLOP/s of all threads together. */
  static double gigaflops(ExecutorService pool, int numThreads, int iterations)
      throws InterruptedException, ExecutionException {
    double operations = 2.0 * CHAINS * SPECIES.length() * iterations * numThreads;
    return operations / run(pool, numThreads, iterations) / 1e9;
  }

  /** Seconds from the common start until the last thread is done. */
  private static double run(ExecutorService pool, int numThreads, int iterations)
      throws InterruptedException, ExecutionException {
    CountDownLatch ready = new CountDownLatch(numThreads);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Float>> results = new ArrayList<>();
    for (int thread = 0; thread < numThreads; thread++) {
      results.add(
          pool.submit(
              () -> {
                ready.countDown();
                start.await();
                return chains(0.999f, 0.001f, iterations);
              }));
    }
    ready.await();
    long begin = System.nanoTime();
    start.countDown();
    for (Future<Float> result : results) {
      if (!(result.get() > 0)) {
        throw new AssertionError("every chain converges to 1");
      }
    }
    return (System.nanoTime() - begin) * 1e-9;
  }

  /**
   * x = scale x + shift in each lane of each chain. With scale + shift = 1 the values go to 1: no
   * overflow, no subnormal numbers, which some cores compute more slowly.
   */
  private static float chains(float scale, float shift, int iterations) {
    FloatVector m = FloatVector.broadcast(SPECIES, scale);
    FloatVector b = FloatVector.broadcast(SPECIES, shift);
    FloatVector x0 = FloatVector.broadcast(SPECIES, 0.0f);
    FloatVector x1 = FloatVector.broadcast(SPECIES, 0.1f);
    FloatVector x2 = FloatVector.broadcast(SPECIES, 0.2f);
    FloatVector x3 = FloatVector.broadcast(SPECIES, 0.3f);
    FloatVector x4 = FloatVector.broadcast(SPECIES, 0.4f);
    FloatVector x5 = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector x6 = FloatVector.broadcast(SPECIES, 0.6f);
    FloatVector x7 = FloatVector.broadcast(SPECIES, 0.7f);
    FloatVector x8 = FloatVector.broadcast(SPECIES, 0.8f);
    FloatVector x9 = FloatVector.broadcast(SPECIES, 0.9f);
    FloatVector x10 = FloatVector.broadcast(SPECIES, 1.0f);
    FloatVector x11 = FloatVector.broadcast(SPECIES, 1.1f);
    for (int i = 0; i < iterations; i++) {
      x0 = x0.fma(m, b);
      x1 = x1.fma(m, b);
      x2 = x2.fma(m, b);
      x3 = x3.fma(m, b);
      x4 = x4.fma(m, b);
      x5 = x5.fma(m, b);
      x6 = x6.fma(m, b);
      x7 = x7.fma(m, b);
      x8 = x8.fma(m, b);
      x9 = x9.fma(m, b);
      x10 = x10.fma(m, b);
      x11 = x11.fma(m, b);
    }
    FloatVector sum = x0.add(x1).add(x2).add(x3).add(x4).add(x5);
    sum = sum.add(x6).add(x7).add(x8).add(x9).add(x10).add(x11);
    return sum.reduceLanes(VectorOperators.ADD);
  }
}
