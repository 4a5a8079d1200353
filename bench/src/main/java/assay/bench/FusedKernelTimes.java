package assay.bench;

import assay.tensor.ActivationKind;
import assay.tensor.AdamWStep;
import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.FusedKernels;
import assay.tensor.RandomKind;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.Arrays;
import java.util.Locale;

/**
 * Milliseconds of the fused kernels, best and median, at sizes of a training step: {@code bench/run
 * assay.bench.FusedKernelTimes 1 2}. The arguments are numbers of threads.
 */
public final class FusedKernelTimes {
  private static final int ROUNDS = 15;
  private static final int WARMUP_ROUNDS = 8;

  private final FusedKernels kernels;
  private final TensorArena arena;
  private final int numThreads;
  private long seed;

  private FusedKernelTimes(Device device, TensorArena arena, int numThreads) {
    this.kernels = device.kernels();
    this.arena = arena;
    this.numThreads = numThreads;
  }

  /** Prints a table for each number of threads. */
  public static void main(String[] args) {
    for (String arg : args) {
      int numThreads = Integer.parseInt(arg);
      try (Device device = Device.cpu(numThreads)) {
        System.out.println(device.description());
        measureAll(device, numThreads);
      }
    }
  }

  private static void measureAll(Device device, int numThreads) {
    try (TensorArena arena = TensorArena.open(device, "benchmark")) {
      FusedKernelTimes times = new FusedKernelTimes(device, arena, numThreads);
      times.attention("B4 H9 T1024 D64", 9, 9, 64, Segments.sequences(1024, 1024, 1024, 1024));
      times.attention("H9/3 T2048 D64, one sequence", 9, 3, 64, Segments.sequences(2048));
      times.attention("H8/4 D8, 8 sequences of 150", 8, 4, 8, ofLength(8, 150));
      times.attention("H9/3 D64, prompt 512 + 8 x 64", 9, 3, 64, promptWithChildren(512, 8, 64));
    }
    try (TensorArena arena = TensorArena.open(device, "benchmark")) {
      new FusedKernelTimes(device, arena, numThreads).rows();
    }
    try (TensorArena arena = TensorArena.open(device, "benchmark")) {
      new FusedKernelTimes(device, arena, numThreads).adamW();
    }
  }

  private static Segments ofLength(int count, int length) {
    int[] lengths = new int[count];
    Arrays.fill(lengths, length);
    return Segments.sequences(lengths);
  }

  private static Segments promptWithChildren(int prompt, int count, int length) {
    int[] lengths = new int[count + 1];
    Arrays.fill(lengths, length);
    lengths[0] = prompt;
    int[] parents = new int[count + 1];
    parents[0] = Segments.NONE;
    return Segments.of(lengths, parents);
  }

  private void attention(String name, int heads, int keyHeads, int headDim, Segments segments) {
    AttentionConfig config =
        new AttentionConfig(heads, keyHeads, headDim, 1 / Math.sqrt(headDim), 0, 0);
    int rows = segments.numRows();
    Tensor q = random(rows, heads * headDim);
    Tensor k = random(rows, keyHeads * headDim);
    Tensor v = random(rows, keyHeads * headDim);
    Tensor out = random(rows, heads * headDim);
    Tensor logSumExp = random(rows, heads);
    Tensor dOut = random(rows, heads * headDim);
    Tensor dq = random(rows, heads * headDim);
    Tensor dk = random(rows, keyHeads * headDim);
    Tensor dv = random(rows, keyHeads * headDim);
    measure(
        "attention " + name,
        () -> kernels.attention(config, segments, null, q, k, v, out, logSumExp, arena));
    measure(
        "attention backward " + name,
        () ->
            kernels.attentionBackward(
                config, segments, null, q, k, v, out, logSumExp, dOut, dq, dk, dv, arena));
  }

  private void rows() {
    Tensor wide = random(8192, 2048);
    Tensor wideOut = random(8192, 2048);
    measure("softmax [8192, 2048]", () -> kernels.softmax(wide, wideOut, arena));
    Tensor x = random(8192, 576);
    Tensor weight = random(576);
    Tensor out = random(8192, 576);
    Tensor inverseRms = random(8192, 1);
    Tensor dy = random(8192, 576);
    Tensor dWeight = random(576);
    measure(
        "rmsNorm [8192, 576]", () -> kernels.rmsNorm(x, weight, 0, 1e-5, out, inverseRms, arena));
    measure(
        "rmsNorm backward [8192, 576]",
        () -> kernels.rmsNormBackward(x, weight, 0, inverseRms, dy, out, dWeight, arena));
    Tensor cos = random(8192, 32);
    Tensor sin = random(8192, 32);
    measure("rope [8192, 9 * 64]", () -> kernels.rope(x, cos, sin, 64, false, out, arena));
    Tensor gate = random(8192, 1536);
    Tensor up = random(8192, 1536);
    Tensor gated = random(8192, 1536);
    Tensor dGate = random(8192, 1536);
    Tensor dUp = random(8192, 1536);
    for (ActivationKind kind : ActivationKind.values()) {
      measure(
          kind + " * up [8192, 1536]", () -> kernels.gatedActivation(kind, gate, up, gated, arena));
      measure(
          kind + " * up backward [8192, 1536]",
          () -> kernels.gatedActivationBackward(kind, gate, up, gated, dGate, dUp, arena));
    }
  }

  private void adamW() {
    int size = 50_000_000;
    Tensor weight = random(size);
    Tensor gradient = random(size);
    Tensor m = arena.zeros(DType.F32, size);
    Tensor v = arena.zeros(DType.F32, size);
    AdamWStep step = new AdamWStep(1e-5, 0.9, 0.999, 1e-8, 0.01, 1, 1);
    measure("adamW 50M", () -> kernels.adamW(step, weight, gradient, m, v, arena));
    Tensor sums = arena.empty(DType.F64, size / 1000);
    measure("sumsOfSquares 50M", () -> kernels.sumsOfSquares(weight, sums, arena));
  }

  private Tensor random(int... dims) {
    Tensor tensor = arena.empty(DType.F32, dims);
    arena.device().backend().random(RandomKind.UNIFORM, seed++, tensor);
    return tensor;
  }

  private void measure(String name, Runnable kernel) {
    double[] millis = new double[ROUNDS];
    for (int i = -WARMUP_ROUNDS; i < ROUNDS; i++) {
      long start = System.nanoTime();
      kernel.run();
      if (i >= 0) {
        millis[i] = 1e-6 * (System.nanoTime() - start);
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%-50s %d threads  best %8.2f ms  median %8.2f ms%n",
        name,
        numThreads,
        millis[0],
        millis[ROUNDS / 2]);
  }
}
