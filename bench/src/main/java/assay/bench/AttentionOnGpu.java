package assay.bench;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.RandomKind;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The versions of attention on a GPU, in TFLOP/s.
 *
 * <p>Counted is the arithmetic that the problem asks for, over the pairs of a query and a key that
 * it sees: forward {@code 4 headDim} operations for each pair and head, backward {@code 10 headDim}
 * (five products of matrices). What a version does beyond that, making S and dP twice or computing
 * what the mask then hides, counts as time only.
 *
 * <p>Usage: {@code bench/run assay.bench.AttentionOnGpu [ROWS [VERSION...]]}, by default 8192 rows
 * and versions 2 and 3. Version 1 takes minutes at such lengths.
 */
public final class AttentionOnGpu {
  private static final int ROUNDS = 7;
  private static final long ROUND_NANOS = 100_000_000;

  private record Problem(String name, AttentionConfig config, DType dtype, Segments segments) {
    double pairs() {
      double pairs = 0;
      for (int row = 0; row < segments.numRows(); row++) {
        int visible = segments.position(row) + 1;
        pairs += config.window() > 0 ? Math.min(visible, config.window()) : visible;
      }
      return pairs * config.numHeads();
    }
  }

  private AttentionOnGpu() {}

  /** Prints a table. */
  public static void main(String... arguments) {
    int rows = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8192;
    List<String> versions =
        arguments.length > 1 ? List.of(arguments).subList(1, arguments.length) : List.of("2", "3");
    System.out.println("| version | problem | forward, ms | TFLOP/s | backward, ms | TFLOP/s |");
    System.out.println("|---|---|---|---|---|---|");
    for (String version : versions) {
      System.setProperty("assay.cuda.attention", version);
      try (Device device = Device.cuda(0)) {
        for (Problem problem : problems(rows)) {
          measure(version, device, problem);
        }
      }
    }
  }

  private static List<Problem> problems(int rows) {
    Segments one = Segments.sequences(rows);
    int[] lengths = new int[rows / 512];
    Arrays.fill(lengths, 512);
    Segments many = Segments.sequences(lengths);
    Segments pair =
        Segments.of(new int[] {rows / 2, rows / 4, rows / 4}, new int[] {Segments.NONE, 0, 0});
    List<Problem> problems = new ArrayList<>();
    for (int headDim : new int[] {64, 128, 256}) {
      AttentionConfig config =
          new AttentionConfig(
              4096 / headDim, 1024 / headDim, headDim, 1 / Math.sqrt(headDim), 0, 0);
      String name = "heads of " + headDim;
      problems.add(new Problem(name + ", one sequence", config, DType.BF16, one));
      problems.add(new Problem(name + ", sequences of 512", config, DType.BF16, many));
      problems.add(new Problem(name + ", a pair", config, DType.BF16, pair));
    }
    AttentionConfig gemma = new AttentionConfig(16, 8, 256, 1.0 / 16, 50, 4096);
    problems.add(new Problem("Gemma 2 9B, window and cap", gemma, DType.BF16, one));
    AttentionConfig llama = new AttentionConfig(32, 8, 128, 1 / Math.sqrt(128), 0, 0);
    problems.add(new Problem("heads of 128, one sequence, F32", llama, DType.F32, one));
    return problems;
  }

  private static void measure(String version, Device device, Problem problem) {
    AttentionConfig config = problem.config;
    try (TensorArena arena = TensorArena.open(device, "attention")) {
      int rows = problem.segments.numRows();
      int columns = config.numHeads() * config.headDim();
      int keyColumns = config.numKeyValueHeads() * config.headDim();
      Tensor q = random(arena, problem.dtype, rows, columns);
      Tensor k = random(arena, problem.dtype, rows, keyColumns);
      Tensor v = random(arena, problem.dtype, rows, keyColumns);
      Tensor dOut = random(arena, problem.dtype, rows, columns);
      Tensor out = arena.empty(problem.dtype, rows, columns);
      Tensor logSumExp = arena.empty(problem.dtype.sum(), rows, config.numHeads());
      Tensor dq = arena.empty(problem.dtype, rows, columns);
      Tensor dk = arena.empty(problem.dtype, rows, keyColumns);
      Tensor dv = arena.empty(problem.dtype, rows, keyColumns);
      double forward =
          seconds(
              device,
              () -> {
                try (TensorArena scratch = TensorArena.open(device, "scratch")) {
                  device
                      .kernels()
                      .attention(config, problem.segments, null, q, k, v, out, logSumExp, scratch);
                }
              });
      double backward =
          seconds(
              device,
              () -> {
                try (TensorArena scratch = TensorArena.open(device, "scratch")) {
                  device
                      .kernels()
                      .attentionBackward(
                          config,
                          problem.segments,
                          null,
                          q,
                          k,
                          v,
                          out,
                          logSumExp,
                          dOut,
                          dq,
                          dk,
                          dv,
                          scratch);
                }
              });
      double operations = problem.pairs() * config.headDim();
      System.out.printf(
          "| %s | %s | %.3f | %.1f | %.3f | %.1f |%n",
          version,
          problem.name,
          1e3 * forward,
          4e-12 * operations / forward,
          1e3 * backward,
          10e-12 * operations / backward);
    }
  }

  private static Tensor random(TensorArena arena, DType dtype, int rows, int columns) {
    try (TensorArena exact = TensorArena.open(arena.device(), "random")) {
      Tensor values = exact.empty(DType.F32, rows, columns);
      arena.device().backend().random(RandomKind.NORMAL, 1, values);
      Tensor x = arena.empty(dtype, rows, columns);
      arena.device().backend().cast(values, x);
      return x;
    }
  }

  /** The median round's seconds for a call. */
  private static double seconds(Device device, Runnable call) {
    call.run(); // compiles
    List<Double> rounds = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      device.backend().synchronize();
      int calls = 0;
      long start = System.nanoTime();
      while (System.nanoTime() - start < ROUND_NANOS) {
        for (int i = 0; i < 4; i++, calls++) {
          call.run();
        }
        device.backend().synchronize();
      }
      rounds.add(1e-9 * (System.nanoTime() - start) / calls);
    }
    Collections.sort(rounds);
    return rounds.get(ROUNDS / 2);
  }
}
