package assay.tensor.cuda;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.Arrays;

/** A process of its own that opens a device, uses it, and prints what came of it. */
final class DeviceProbe {
  private static final int MIB_OF_FLOATS = 1 << 18;

  private DeviceProbe() {}

  /** {@code DEVICE product}, {@code DEVICE softmax} or {@code DEVICE fragments MIB}. */
  public static void main(String... arguments) {
    try (Device device = Device.open(arguments[0], 1);
        TensorArena arena = TensorArena.open(device, "probe")) {
      switch (arguments[1]) {
        case "product" -> product(arena);
        case "softmax" -> {
          Tensor x = arena.zeros(DType.F32, 1, 2);
          device.kernels().softmax(x, x, arena);
        }
        case "fragments" -> fragments(arena, Integer.parseInt(arguments[2]));
        default -> throw new IllegalArgumentException(arguments[1]);
      }
    } catch (InvalidInputException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }

  /** A kernel of our own and one of cuBLAS. */
  private static void product(TensorArena arena) {
    Tensor a = arena.empty(DType.F32, 1, 2);
    arena.device().backend().fill(a, 3);
    Tensor b = arena.empty(DType.F32, 2, 1).copyFrom(4f, 5f);
    Tensor out = arena.empty(DType.F32, 1, 1);
    arena.device().backend().matmul(a, false, b, false, 1, 0, out);
    System.out.println("product: " + Arrays.toString(out.toFloats()));
  }

  /** Three slabs of 32 MiB are in use at every other 8 MiB; then one more tensor is wanted. */
  private static void fragments(TensorArena arena, int wantedMiB) {
    Tensor[] tensors = new Tensor[12];
    for (int i = 0; i < tensors.length; i++) {
      tensors[i] = arena.empty(DType.F32, 8 * MIB_OF_FLOATS);
    }
    for (int i = 0; i < tensors.length; i += 2) {
      arena.release(tensors[i]);
    }
    arena.empty(DType.F32, wantedMiB * MIB_OF_FLOATS);
    System.out.println("reserved: " + (arena.device().peakReservedBytes() >> 20) + " MiB");
  }
}
