package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.Parameter;
import assay.nn.ParameterStore;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightLoaderTest {
  /** Longer than the loader's chunk of 2^20. */
  private static final int LONG = (1 << 20) + 5;

  @TempDir Path folder;

  private static float[] values() {
    float[] values = new float[LONG];
    for (int i = 0; i < LONG; i++) {
      values[i] = i % 200 - 100; // exact in BF16
    }
    return values;
  }

  /** Stores one tensor, and loads it into a parameter of this name. */
  private float[] roundTrip(DType stored, String parameterName) {
    TensorSpec spec = new TensorSpec("w", stored, Shape.of(LONG));
    try (ShardedCheckpointWriter writer =
        new ShardedCheckpointWriter(folder, List.of(spec), Long.MAX_VALUE)) {
      writer.writeFloat32("w", MemorySegment.ofArray(values()));
      writer.commit();
    }
    try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder);
        Device device = Device.cpu(1);
        ParameterStore store = new ParameterStore(device, DType.F32, false)) {
      Parameter parameter = store.create(parameterName, LONG);
      WeightLoader.loadAll(checkpoint, store.all(), Set.of());
      return parameter.value().toFloats();
    }
  }

  @Test
  void loadsFloat32() {
    assertArrayEquals(values(), roundTrip(DType.F32, "w"));
  }

  @Test
  void loadsBfloat16AcrossChunks() {
    assertArrayEquals(values(), roundTrip(DType.BF16, "w"));
  }

  @Test
  void aParameterWithoutATensorIsAnError() {
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> roundTrip(DType.F32, "v"));
    assertTrue(e.getMessage().contains("missing: v [" + LONG + "]"), e.getMessage());
    assertTrue(e.getMessage().contains("unexpected: w"), e.getMessage());
  }
}
