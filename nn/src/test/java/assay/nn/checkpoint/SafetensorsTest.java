package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.InvalidInputException;
import assay.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Reads files that the Python library wrote. */
class SafetensorsTest {
  private static final Path DTYPES = TestResources.GOLDEN.resolve("safetensors/dtypes.safetensors");

  private static float[] floats(TensorEntry entry) {
    float[] values = new float[(int) entry.shape().size()];
    entry.copyAsFloat32(MemorySegment.ofArray(values));
    return values;
  }

  @Test
  void listsEveryDtypeThatPythonWrites() {
    try (Safetensors file = Safetensors.open(DTYPES)) {
      Set<String> expected =
          Set.of("f64", "f32", "f16", "bf16", "i64", "i32", "i16", "i8", "u8", "bool", "f8", "f4");
      assertTrue(file.names().containsAll(expected), file.names().toString());
      assertEquals("I64", file.entry("i64").dtype());
      assertEquals("F8_E4M3", file.entry("f8").dtype());
      assertEquals(Shape.of(2, 3), file.entry("i64").shape());
      assertEquals(48, file.entry("i64").bytes().byteSize());
      assertEquals(Map.of("format", "pt", "made by", "torch"), file.metadata());
    }
  }

  /** The same values in four dtypes; float32 copies of each are in the file, made by PyTorch. */
  @Test
  void convertsEveryFloatDtypeAsPyTorchDoes() {
    try (Safetensors file = Safetensors.open(DTYPES)) {
      for (String dtype : new String[] {"f64", "f16", "bf16"}) {
        float[] expected = floats(file.entry(dtype + ".as_f32"));
        assertArrayEquals(bits(expected), bits(floats(file.entry(dtype))), dtype);
      }
    }
  }

  @Test
  void roundsToBfloat16AsPyTorchDoes() {
    try (Safetensors file = Safetensors.open(DTYPES)) {
      TensorEntry exact = file.entry("f32");
      byte[] rounded = new byte[(int) exact.shape().size() * 2];
      FloatConversion.toBfloat16(exact.bytes(), MemorySegment.ofArray(rounded));
      float[] values = new float[rounded.length / 2];
      FloatConversion.fromBfloat16(MemorySegment.ofArray(rounded), MemorySegment.ofArray(values));
      assertArrayEquals(bits(floats(file.entry("bf16"))), bits(values));
    }
  }

  /** All NaN are one: which of them a conversion makes is not defined. */
  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]);
    }
    return bits;
  }

  @Test
  void integersAreRefusedAsWeights() {
    try (Safetensors file = Safetensors.open(DTYPES)) {
      TensorEntry entry = file.entry("i32");
      assertTrue(!entry.isFloat());
      SafetensorsException e = assertThrows(SafetensorsException.class, () -> floats(entry));
      assertTrue(e.getMessage().contains("\"i32\" has dtype I32"), e.getMessage());
    }
  }

  @Test
  void aMissingTensorIsNamed() {
    try (Safetensors file = Safetensors.open(DTYPES)) {
      SafetensorsException e =
          assertThrows(SafetensorsException.class, () -> file.entry("no.such"));
      assertTrue(e.getMessage().contains("has no tensor \"no.such\""), e.getMessage());
    }
  }

  @Test
  void aMissingFileAndAFolderAreNamed() {
    for (Path path : new Path[] {DTYPES.resolveSibling("no.such"), DTYPES.getParent()}) {
      InvalidInputException e =
          assertThrows(InvalidInputException.class, () -> Safetensors.open(path).close());
      assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    }
  }

  @Test
  void bytesAreGoneAfterClose() {
    TensorEntry entry;
    try (Safetensors file = Safetensors.open(DTYPES)) {
      entry = file.entry("f32");
    }
    assertThrows(IllegalStateException.class, () -> floats(entry));
  }
}
