package assay.bench;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.LocalRanks;
import assay.tensor.comm.Mpi;
import assay.tensor.comm.Ranks;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Bytes that a rank sends to the others per second, while all exchange: of a tensor of S bytes on W
 * ranks a reduce-scatter or an all-gather sends {@code (W - 1) / W S}, an all-reduce twice that.
 *
 * <p>Usage: {@code bench/run assay.bench.Collectives 2} for so many ranks that are threads, or
 * {@code mpirun -np 2 bench/run assay.bench.Collectives}.
 */
public final class Collectives {
  private static final int[] KIBIBYTES = {16, 256, 4 << 10, 64 << 10};
  private static final int ROUNDS = 30;

  private Collectives() {}

  /** Prints a table. */
  public static void main(String... arguments) throws Exception {
    if (Mpi.isLaunched()) {
      try (Device device = Device.cpu(1)) {
        Ranks.run(device, Collectives::measure);
      }
    } else {
      LocalRanks.run(Integer.parseInt(arguments[0]), Collectives::measure);
    }
  }

  private static void measure(Communicator ranks) {
    if (ranks.rank() == 0) {
      System.out.printf("%d ranks; GB/s that a rank sends: best, median%n", ranks.size());
    }
    try (Device device = Device.cpu(1)) {
      for (int size : KIBIBYTES) {
        try (TensorArena arena = TensorArena.open(device, "bench")) {
          int rows = size * (1024 / 4) / ranks.size();
          Tensor part = arena.zeros(DType.F32, rows);
          Tensor whole = arena.zeros(DType.F32, rows * ranks.size());
          double sent = (double) (whole.bytes() - part.bytes());
          measure(ranks, "reduce_scatter", whole, sent, () -> ranks.reduceScatter(whole, part));
          measure(ranks, "all_gather", whole, sent, () -> ranks.allGather(part, whole));
          measure(ranks, "all_reduce", whole, 2 * sent, () -> ranks.allReduce(whole));
        }
      }
    }
  }

  private static void measure(
      Communicator ranks,
      String name,
      Tensor whole,
      double sent,
      Supplier<Communicator.Pending> operation) {
    double[] seconds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      ranks.barrier();
      long start = System.nanoTime();
      operation.get().await();
      seconds[round] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    if (ranks.rank() == 0) {
      System.out.printf(
          Locale.ROOT,
          "%-16s %8d KiB  %6.2f  %6.2f%n",
          name,
          whole.bytes() >> 10,
          sent / seconds[0] * 1e-9,
          sent / seconds[ROUNDS / 2] * 1e-9);
    }
  }
}
