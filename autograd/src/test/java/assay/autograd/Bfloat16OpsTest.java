package assay.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import assay.tensor.DType;
import assay.tensor.Device;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** What a GPU computes in BF16, against the definitions in F64 on the same numbers. */
@Tag("gpu")
class Bfloat16OpsTest {
  /** A BF16 is off by up to 1/256 of itself; ops of several steps round more than once. */
  private static final double TOLERANCE = 0.02;

  @Provide
  Arbitrary<Class<?>> ops() {
    return Arbitraries.of(OpContractTest.contracted());
  }

  @Property
  void resultsDifferByRounding(@ForAll("ops") Class<?> kind, @ForAll long seed) {
    List<double[]> expected;
    List<double[]> actual;
    try (Device reference = Device.cpuReference(1)) {
      expected = OpContractTest.outputAndGradients(reference, DType.F64, kind, seed);
    }
    try (Device device = TestDevice.open()) {
      actual = OpContractTest.outputAndGradients(device, DType.BF16, kind, seed);
    }
    for (int i = 0; i < expected.size(); i++) {
      double largest = Arrays.stream(expected.get(i)).map(Math::abs).reduce(1, Math::max);
      for (int j = 0; j < expected.get(i).length; j++) {
        String where = kind.getSimpleName() + " " + i + " " + j;
        assertEquals(expected.get(i)[j], actual.get(i)[j], TOLERANCE * largest, where);
      }
    }
  }
}
