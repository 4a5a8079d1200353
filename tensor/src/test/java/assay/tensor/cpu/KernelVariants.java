package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.FusedKernels;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The fused kernels on plain and on vector loops, on one thread and on several, judged by their
 * default bodies on the reference backend.
 */
final class KernelVariants implements AutoCloseable {
  /** A kernel under test: writes into the outputs. */
  interface Call {
    void run(FusedKernels kernels, Tensor[] outputs, TensorArena scratch);
  }

  private final SplittableRandom random = new SplittableRandom(11);
  private final Device device = Device.cpuReference(2);
  private final TensorArena arena = TensorArena.open(device, "test");
  private final List<FastBackend> backends =
      List.of(
          new FastBackend(new WorkerPool(1), CpuLoops.plain()),
          new FastBackend(new WorkerPool(3), CpuLoops.plain()),
          new FastBackend(new WorkerPool(1), CpuLoops.fastest()),
          new FastBackend(new WorkerPool(2), CpuLoops.fastest()),
          new FastBackend(new WorkerPool(3), CpuLoops.fastest()));
  private final List<CpuKernels> kernels = backends.stream().map(CpuKernels::new).toList();

  TensorArena arena() {
    return arena;
  }

  /** The fastest variant, on three threads. */
  CpuKernels fastest() {
    return kernels.getLast();
  }

  Tensor random(int... dims) {
    Tensor tensor = arena.empty(DType.F32, dims);
    float[] values = new float[Math.toIntExact(tensor.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return tensor.copyFrom(values);
  }

  Tensor copy(Tensor tensor) {
    return arena.empty(tensor.dtype(), tensor.shape()).copyFrom(tensor.toFloats());
  }

  /**
   * All variants give the same bits, and the reference's values but for rounding.
   *
   * @param outputs shapes and, for what is updated, values before
   */
  void check(double tolerance, Call call, Tensor... outputs) {
    float[][] expected = run(device.kernels(), call, outputs);
    float[][] first = run(kernels.getFirst(), call, outputs);
    for (int i = 0; i < outputs.length; i++) {
      String name = "output " + i + " " + outputs[i];
      double scale = 1;
      for (float value : expected[i]) {
        scale = Math.max(scale, Math.abs(value));
      }
      for (int j = 0; j < expected[i].length; j++) {
        assertEquals(expected[i][j], first[i][j], tolerance * scale, name + " at " + j);
      }
    }
    for (CpuKernels other : kernels) {
      float[][] values = run(other, call, outputs);
      for (int i = 0; i < outputs.length; i++) {
        assertArrayEquals(first[i], values[i], "bits of output " + i);
      }
    }
  }

  private float[][] run(FusedKernels variant, Call call, Tensor[] outputs) {
    List<float[]> values = new ArrayList<>();
    boolean isFast = variant instanceof CpuKernels;
    try (TensorArena outer = TensorArena.open(device, "outputs")) {
      Tensor[] copies = new Tensor[outputs.length];
      for (int i = 0; i < outputs.length; i++) {
        copies[i] = outer.empty(DType.F32, outputs[i].shape()).copyFrom(outputs[i].toFloats());
      }
      try (TensorArena scratch = TensorArena.open(device, "scratch")) {
        call.run(variant, copies, isFast ? null : scratch);
      }
      for (Tensor copy : copies) {
        values.add(copy.toFloats());
      }
    }
    return values.toArray(float[][]::new);
  }

  @Override
  public void close() {
    for (int i = 0; i < backends.size(); i++) {
      backends.get(i).pool().close();
      kernels.get(i).close();
      backends.get(i).close();
    }
    arena.close();
    device.close();
  }
}
