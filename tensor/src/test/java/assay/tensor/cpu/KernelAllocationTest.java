package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import assay.tensor.AttentionConfig;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.RandomKind;
import assay.tensor.Segments;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/**
 * Once compiled, the kernels keep their vectors in registers. A vector that the compiler leaves as
 * an object costs an allocation for each operation, and a hundred times the time.
 */
class KernelAllocationTest {
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getPlatformMXBean(java.lang.management.ThreadMXBean.class);

  /** Rounds until the compiler must be done; usually some ten are enough. */
  private static final int MOST_ROUNDS = 400;

  /** A round allocates a few lambdas and records; one vector in a hundred would be megabytes. */
  private static final long MOST_BYTES = 100_000;

  private static void assertStopsAllocating(String kernel, Runnable round) {
    long bytes = Long.MAX_VALUE;
    for (int i = 0; i < MOST_ROUNDS && bytes > MOST_BYTES; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      round.run();
      bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    assertTrue(bytes <= MOST_BYTES, kernel + " still allocates " + bytes + " bytes a round");
  }

  private static Tensor random(TensorArena arena, int... dims) {
    Tensor x = arena.empty(DType.F32, dims);
    arena.device().backend().random(RandomKind.NORMAL, 1, x);
    return x;
  }

  /** Products first and sums of products later, as in training: the order once misled C2. */
  @Test
  void matmul() {
    try (Device device = Device.cpu(1);
        TensorArena arena = TensorArena.open(device, "test")) {
      assumeTrue(device.description().contains("Vector API"));
      Tensor x = random(arena, 256, 192);
      Tensor weight = random(arena, 192, 192);
      Tensor y = arena.zeros(DType.F32, 256, 192);
      Tensor sum = arena.zeros(DType.F32, 192, 192);
      assertStopsAllocating(
          "x W^T",
          () -> {
            for (int i = 0; i < 10; i++) {
              device.backend().matmul(x, false, weight, true, 1, 0, y);
            }
          });
      assertStopsAllocating(
          "dW += dy^T x", () -> device.backend().matmul(y, true, x, false, 1, 1, sum));
      assertStopsAllocating("x W", () -> device.backend().matmul(x, false, weight, false, 1, 0, y));
    }
  }

  @Test
  void attention() {
    AttentionConfig config = new AttentionConfig(4, 2, 64, 0.125, 0, 0);
    Segments segments = Segments.sequences(150, 90);
    try (Device device = Device.cpu(1);
        TensorArena arena = TensorArena.open(device, "test")) {
      assumeTrue(device.description().contains("Vector API"));
      Tensor q = random(arena, 240, 256);
      Tensor k = random(arena, 240, 128);
      Tensor v = random(arena, 240, 128);
      Tensor out = arena.zeros(DType.F32, 240, 256);
      Tensor logSumExp = arena.zeros(DType.F32, 240, 4);
      Tensor dq = arena.zeros(DType.F32, 240, 256);
      Tensor dk = arena.zeros(DType.F32, 240, 128);
      Tensor dv = arena.zeros(DType.F32, 240, 128);
      assertStopsAllocating(
          "attention",
          () -> device.kernels().attention(config, segments, null, q, k, v, out, logSumExp, arena));
      assertStopsAllocating(
          "attention's backward",
          () ->
              device
                  .kernels()
                  .attentionBackward(
                      config, segments, null, q, k, v, out, logSumExp, out, dq, dk, dv, arena));
    }
  }

  @Test
  void rowKernels() {
    try (Device device = Device.cpu(1);
        TensorArena arena = TensorArena.open(device, "test")) {
      assumeTrue(device.description().contains("Vector API"));
      Tensor x = random(arena, 512, 576);
      Tensor dy = random(arena, 512, 576);
      Tensor weight = random(arena, 576);
      Tensor out = arena.zeros(DType.F32, 512, 576);
      Tensor inverseRms = arena.zeros(DType.F32, 512, 1);
      Tensor dWeight = arena.zeros(DType.F32, 576);
      assertStopsAllocating(
          "rmsNorm", () -> device.kernels().rmsNorm(x, weight, 0, 1e-5, out, inverseRms, arena));
      assertStopsAllocating(
          "rmsNorm's backward",
          () ->
              device.kernels().rmsNormBackward(x, weight, 0, inverseRms, dy, out, dWeight, arena));
      assertStopsAllocating("softmax", () -> device.kernels().softmax(x, out, arena));
    }
  }
}
