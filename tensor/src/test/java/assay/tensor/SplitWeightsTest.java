package assay.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** F32 weights in two halves of 16 bits. */
@Tag("device")
class SplitWeightsTest {
  private final Device device = Device.open(System.getProperty("assay.test-device", "cpu"), 2);

  /** Random bits, and those next to where a half is rounded up. */
  private static float[] awkward(int count) {
    Random random = new Random(5);
    float[] values = new float[count];
    int[] lowHalves = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
    for (int i = 0; i < count; i++) {
      int bits = random.nextInt();
      if (i % 2 == 0) {
        bits = (bits & 0xffff0000) | lowHalves[i / 2 % lowHalves.length];
      }
      float value = Float.intBitsToFloat(bits);
      values[i] = Float.isNaN(value) ? Float.MAX_VALUE : value;
    }
    return values;
  }

  @Test
  void everyFloatComesBackBitForBit() {
    float[] values = awkward(1000);
    try (device;
        TensorArena arena = TensorArena.open(device, "weights")) {
      Tensor weight = arena.empty(DType.F32, values.length).copyFrom(values);
      Tensor high = arena.empty(DType.BF16, values.length);
      Tensor low = arena.empty(DType.I16, values.length);
      device.kernels().splitWeights(weight, high, low);
      Tensor joined = arena.empty(DType.F32, values.length);
      device.kernels().joinWeights(high, low, joined);
      assertArrayEquals(bits(values), bits(joined.toFloats()));
      Tensor nearest = arena.empty(DType.F32, values.length);
      device.backend().cast(high, nearest);
      float[] rounded = nearest.toFloats();
      for (int i = 0; i < values.length; i++) {
        assertEquals(0, (Float.floatToIntBits(rounded[i]) - bits(values)[i] + 0x7fff) >> 16);
      }
    }
  }

  @Test
  void adamWOnHalvesGivesTheBitsOfAdamWOnFloats() {
    Random random = new Random(6);
    float[] weights = new float[777];
    float[] gradients = new float[weights.length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (0.02 * random.nextGaussian());
      gradients[i] = (float) random.nextGaussian();
    }
    Shape shape = Shape.of(weights.length);
    try (device;
        TensorArena arena = TensorArena.open(device, "weights")) {
      Tensor whole = arena.empty(DType.F32, shape).copyFrom(weights);
      Tensor high = arena.empty(DType.BF16, shape);
      Tensor low = arena.empty(DType.I16, shape);
      device.kernels().splitWeights(whole, high, low);
      Tensor gradient = arena.empty(DType.F32, shape).copyFrom(gradients);
      Tensor[] moments = new Tensor[4];
      for (int i = 0; i < moments.length; i++) {
        moments[i] = arena.zeros(DType.F32, shape);
      }
      for (int i = 1; i <= 3; i++) {
        AdamWStep step = new AdamWStep(1e-6, 0.9, 0.999, 1e-8, 0.01, 0.5, i);
        device.kernels().adamW(step, whole, gradient, moments[0], moments[1], arena);
        device.kernels().adamWSplit(step, high, low, gradient, moments[2], moments[3], arena);
      }
      Tensor joined = arena.empty(DType.F32, shape);
      device.kernels().joinWeights(high, low, joined);
      assertArrayEquals(bits(whole.toFloats()), bits(joined.toFloats()));
      assertTrue(whole.toFloats()[0] != weights[0]);
    }
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }
}
