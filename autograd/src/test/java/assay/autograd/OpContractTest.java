package assay.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * What every op promises, checked for each class that {@link Op} permits. Closing the device fails
 * if a byte is still alive, so every property checks that too.
 */
@Tag("device")
class OpContractTest {
  private static final TreeMap<String, Integer> checked = new TreeMap<>();

  @Provide
  Arbitrary<Class<?>> ops() {
    return Arbitraries.of(contracted());
  }

  static List<Class<?>> contracted() {
    return Arrays.<Class<?>>stream(Op.class.getPermittedSubclasses())
        .filter(kind -> kind != CustomOp.class) // tested where they are defined
        .toList();
  }

  @AfterContainer
  static void report() {
    System.out.println("ops gradchecked: " + checked.size() + " " + checked);
    assertEquals(
        Op.class.getPermittedSubclasses().length - 1, checked.size(), "ops without a sample");
  }

  @Property
  void gradientMatchesFiniteDifferences(@ForAll("ops") Class<?> kind, @ForAll long seed) {
    try (Device device = TestDevice.openExact();
        TensorArena arena = TensorArena.open(device, "samples")) {
      OpSamples samples = new OpSamples(seed, arena, DType.F64);
      OpSamples.Sample sample = samples.of(kind);
      double[] cotangent = samples.gaussians((int) sample.outputShape().size());
      double error = GradCheck.worstError(device, sample.op(), sample.inputs(), cotangent);
      assertTrue(error < 1e-6, sample.op() + " is off by " + error);
    }
    synchronized (checked) {
      checked.merge(kind.getSimpleName(), 1, Integer::sum);
    }
  }

  @Property
  void backwardIsLinear(@ForAll("ops") Class<?> kind, @ForAll long seed) {
    try (Device device = TestDevice.openExact();
        TensorArena arena = TensorArena.open(device, "samples")) {
      OpSamples samples = new OpSamples(seed, arena, DType.F64);
      OpSamples.Sample sample = samples.of(kind);
      double[] first = samples.gaussians((int) sample.outputShape().size());
      double[] second = samples.gaussians(first.length);
      double[] combined = new double[first.length];
      Arrays.setAll(combined, i -> 2 * first[i] - 3 * second[i]);
      List<double[]> a = gradients(device, DType.F64, sample, first);
      List<double[]> b = gradients(device, DType.F64, sample, second);
      List<double[]> both = gradients(device, DType.F64, sample, combined);
      for (int i = 0; i < both.size(); i++) {
        for (int j = 0; j < both.get(i).length; j++) {
          double expected = 2 * a.get(i)[j] - 3 * b.get(i)[j];
          assertEquals(expected, both.get(i)[j], 1e-9 * Math.max(1, Math.abs(expected)));
        }
      }
    }
  }

  @Property
  void fastKernelsAgreeWithTheirDefinitions(@ForAll("ops") Class<?> kind, @ForAll long seed) {
    List<double[]> expected;
    List<double[]> actual;
    try (Device reference = Device.cpuReference(1)) {
      expected = outputAndGradients(reference, DType.F64, kind, seed);
    }
    try (Device fast = TestDevice.open()) {
      actual = outputAndGradients(fast, DType.F32, kind, seed);
    }
    for (int i = 0; i < expected.size(); i++) {
      double largest = Arrays.stream(expected.get(i)).map(Math::abs).reduce(1, Math::max);
      for (int j = 0; j < expected.get(i).length; j++) {
        assertEquals(expected.get(i)[j], actual.get(i)[j], 2e-5 * largest, kind.getSimpleName());
      }
    }
  }

  static List<double[]> outputAndGradients(Device device, DType dtype, Class<?> kind, long seed) {
    try (TensorArena arena = TensorArena.open(device, "samples")) {
      OpSamples samples = new OpSamples(seed, arena, dtype);
      OpSamples.Sample sample = samples.of(kind);
      double[] cotangent = samples.gaussians((int) sample.outputShape().size());
      List<double[]> all = new ArrayList<>();
      all.add(GradCheck.forward(device, dtype, sample.op(), sample.inputs()));
      all.addAll(gradients(device, dtype, sample, cotangent));
      return all;
    }
  }

  private static List<double[]> gradients(
      Device device, DType dtype, OpSamples.Sample sample, double[] cotangent) {
    List<double[]> gradients =
        GradCheck.gradients(device, dtype, sample.op(), sample.inputs(), cotangent);
    gradients.forEach(gradient -> assertNotNull(gradient, sample.op() + " gave no gradient"));
    return gradients;
  }
}
