package assay.nn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import assay.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class SafetensorsWriterTest {
  static final List<String> SINGLE_FILES =
      TestResources.MODELS.stream().filter(model -> !model.contains("sharded")).toList();

  @TempDir Path folder;

  private static List<TensorSpec> specs(ShardedCheckpoint checkpoint) {
    return checkpoint.names().stream()
        .map(checkpoint::entry)
        .map(e -> new TensorSpec(e.name(), DType.valueOf(e.dtype()), e.shape()))
        .toList();
  }

  private static float[] floats(TensorEntry entry) {
    float[] values = new float[(int) entry.shape().size()];
    entry.copyAsFloat32(MemorySegment.ofArray(values));
    return values;
  }

  private static void copy(ShardedCheckpoint from, ShardedCheckpointWriter to) {
    for (String name : from.names()) {
      to.writeFloat32(name, MemorySegment.ofArray(floats(from.entry(name))));
    }
    to.commit();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @FieldSource("SINGLE_FILES")
  void writesTheBytesThatThePythonLibraryWrites(String model) throws IOException {
    Path source = TestResources.GOLDEN.resolve(model);
    try (ShardedCheckpoint golden = ShardedCheckpoint.open(source);
        ShardedCheckpointWriter writer =
            new ShardedCheckpointWriter(
                folder, specs(golden).reversed(), ShardedCheckpointWriter.MAX_SHARD_BYTES)) {
      copy(golden, writer);
    }
    assertEquals(List.of("model.safetensors"), files());
    assertArrayEquals(
        Files.readAllBytes(source.resolve("model.safetensors")),
        Files.readAllBytes(folder.resolve("model.safetensors")));
  }

  @Test
  void writesShardsAndTheirIndexAsTransformersDoes() throws IOException {
    Path source = TestResources.GOLDEN.resolve("llama3-legacy-sharded-bf16");
    try (ShardedCheckpoint golden = ShardedCheckpoint.open(source);
        ShardedCheckpointWriter writer =
            new ShardedCheckpointWriter(folder, specs(golden), 30_000)) {
      copy(golden, writer);
    }
    for (String file : files()) {
      assertArrayEquals(
          Files.readAllBytes(source.resolve(file)), Files.readAllBytes(folder.resolve(file)), file);
    }
    assertEquals(4, files().size());
  }

  @Test
  void tensorsMayComeInAnyOrder() {
    TensorSpec a = new TensorSpec("a", DType.F32, Shape.of(2));
    TensorSpec b = new TensorSpec("b", DType.BF16, Shape.of(3));
    TensorSpec c = new TensorSpec("c", DType.I32, Shape.of());
    try (SafetensorsWriter writer =
        new SafetensorsWriter(folder.resolve("x.safetensors"), List.of(b, c, a))) {
      writer.writeFloat32("b", MemorySegment.ofArray(new float[] {1, 1.0039062f, -3}));
      writer.writeBytes("c", MemorySegment.ofArray(new int[] {42}));
      writer.writeFloat32("a", MemorySegment.ofArray(new float[] {5, 6}));
      writer.commit();
    }
    try (Safetensors file = Safetensors.open(folder.resolve("x.safetensors"))) {
      assertEquals(List.of("a", "c", "b"), List.copyOf(file.names()));
      assertArrayEquals(new float[] {5, 6}, floats(file.entry("a")));
      assertArrayEquals(new float[] {1, 1, -3}, floats(file.entry("b")));
    }
  }

  @Test
  void tensorsLongerThanTheStagingBufferComeThroughWhole() {
    float[] values = new float[(1 << 19) + 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 251;
    }
    TensorSpec f32 = new TensorSpec("f32", DType.F32, Shape.of(values.length));
    TensorSpec bf16 = new TensorSpec("bf16", DType.BF16, Shape.of(values.length));
    try (SafetensorsWriter writer =
        new SafetensorsWriter(folder.resolve("x.safetensors"), List.of(f32, bf16))) {
      writer.writeFloat32("f32", MemorySegment.ofArray(values));
      writer.writeFloat32("bf16", MemorySegment.ofArray(values));
      writer.commit();
    }
    try (Safetensors file = Safetensors.open(folder.resolve("x.safetensors"))) {
      assertArrayEquals(values, floats(file.entry("f32")));
      assertArrayEquals(values, floats(file.entry("bf16")));
    }
  }

  @Test
  void closingWithoutCommitLeavesNothing() throws IOException {
    List<TensorSpec> specs = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      specs.add(new TensorSpec(name, DType.F32, Shape.of(4)));
    }
    try (ShardedCheckpointWriter writer = new ShardedCheckpointWriter(folder, specs, 16)) {
      writer.writeFloat32("a", MemorySegment.ofArray(new float[4]));
      assertThrows(IllegalStateException.class, writer::commit);
    }
    assertEquals(
        List.of("model-00001-of-00003.safetensors"),
        files(),
        "complete shards may be there, an index may not");
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> ShardedCheckpoint.open(folder).close());
    assertTrue(e.getMessage().contains("has no weights"), e.getMessage());
  }

  @Test
  void aCommittedFileReplacesAnOlderOneOnlyAtCommit() throws IOException {
    Path file = Files.writeString(folder.resolve("x.safetensors"), "older");
    try (SafetensorsWriter writer = new SafetensorsWriter(file, List.of())) {
      assertEquals("older", Files.readString(file));
      writer.commit();
    }
    try (Safetensors written = Safetensors.open(file)) {
      assertTrue(written.names().isEmpty());
    }
    assertEquals(List.of("x.safetensors"), files());
  }

  @Test
  void aFolderThatHoldsWeightsIsRefused() throws IOException {
    Files.createFile(folder.resolve("model.safetensors"));
    InvalidInputException e =
        assertThrows(
            InvalidInputException.class,
            () -> new ShardedCheckpointWriter(folder, List.of(), 1).close());
    assertTrue(e.getMessage().contains("holds weights already"), e.getMessage());
  }

  @Test
  void wrongUseIsAnError() {
    TensorSpec a = new TensorSpec("a", DType.F32, Shape.of(2));
    Path file = folder.resolve("x.safetensors");
    assertThrows(
        IllegalArgumentException.class, () -> new SafetensorsWriter(file, List.of(a, a)).close());
    try (SafetensorsWriter writer = new SafetensorsWriter(file, List.of(a))) {
      MemorySegment three = MemorySegment.ofArray(new float[3]);
      assertThrows(IllegalArgumentException.class, () -> writer.writeFloat32("b", three));
      assertThrows(IllegalArgumentException.class, () -> writer.writeFloat32("a", three));
    }
    assertFalse(Files.exists(file));
  }
}
