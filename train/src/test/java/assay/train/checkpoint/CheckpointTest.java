package assay.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.checkpoint.Safetensors;
import assay.nn.checkpoint.TensorEntry;
import assay.tensor.InvalidInputException;
import assay.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the disk of this machine. */
class CheckpointTest {
  @TempDir Path output;

  private final TestState state = new TestState();

  @AfterEach
  void close() {
    state.close();
  }

  private CheckpointFolder folder() {
    return CheckpointFolder.at(output.resolve("checkpoints"), TestState.BLOCK_BYTES);
  }

  @Test
  void whatWasSavedIsLoadedBitForBit() {
    state.save(folder(), 3, 2);
    assertEquals(3, state.assertNewestLoads(folder()));
    assertEquals(List.of(3L), folder().steps());
  }

  @Test
  void thereIsNoCheckpointBeforeTheFirst() {
    assertTrue(folder().newest().isEmpty());
    assertEquals(List.of(), folder().steps());
    folder().prune(1, CheckpointFolder.Best.NONE);
    folder().removeLeftovers();
    assertFalse(Files.exists(output.resolve("checkpoints")));
  }

  @Test
  void aRanksFileIsASafetensorsFileAsAnyLibraryReadsIt() {
    state.save(folder(), 3, 1);
    Path file = output.resolve("checkpoints/step-3/rank-0.safetensors");
    try (Safetensors safetensors = Safetensors.open(file)) {
      for (TensorRows tensor : state.tensors()) {
        TensorEntry entry = safetensors.entry(tensor.name());
        assertEquals(tensor.dtype().name(), entry.dtype());
        assertEquals(tensor.fullShape(), entry.shape());
        assertArrayEquals(
            TestState.stored(tensor, 3), entry.bytes().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void aCheckpointThatWasBegunAndNotCommittedDoesNotCount() {
    state.save(folder(), 1, 2);
    folder().begin(2);
    folder().writer(2, 0, 2).write(state.rows(0, 2));
    folder().writer(2, 1, 2).write(state.rows(1, 2));
    assertEquals(1, state.assertNewestLoads(folder()));
    folder().removeLeftovers();
    assertFalse(Files.exists(output.resolve("checkpoints/.step-2.writing")));
  }

  @Test
  void rowsThatNoRankWroteAreAnErrorOfTheCommit() {
    folder().begin(1);
    CheckpointWriter writer = folder().writer(1, 0, 1);
    writer.write(state.rows(0, 2));
    InvalidInputException error =
        assertThrows(
            InvalidInputException.class, () -> writer.commit(Map.of(), OptionalDouble.empty()));
    assertTrue(
        error.getMessage().contains("\"m/matrix\": has 7 rows, but those from 3 are in no file"),
        error.getMessage());
    assertTrue(folder().newest().isEmpty());
  }

  @Test
  void rowsThatTwoRanksWroteAreAnErrorOfTheCommit() {
    folder().begin(1);
    folder().writer(1, 0, 2).write(state.tensors());
    folder().writer(1, 1, 2).write(state.rows(1, 2));
    assertThrows(InvalidInputException.class, () -> TestState.commit(folder(), 1, 2));
  }

  @Test
  void notesThatJsonCannotHoldAreAnErrorOfTheCommit() {
    folder().begin(1);
    CheckpointWriter writer = folder().writer(1, 0, 1);
    writer.write(state.tensors());
    Map<String, Double> run = Map.of("loss", Double.NaN);
    assertThrows(IllegalArgumentException.class, () -> writer.commit(run, OptionalDouble.empty()));
    assertThrows(
        IllegalArgumentException.class,
        () -> writer.commit(Map.of(), OptionalDouble.of(Double.NaN)));
    TestState.commit(folder(), 1, 1);
    assertEquals(List.of(1L), folder().steps());
  }

  @Test
  void anUnknownTensorAndAnotherShapeAreErrorsThatNameTheTensor() {
    state.save(folder(), 1, 2);
    TensorRows matrix = state.tensors().getFirst();
    try (CheckpointReader reader = folder().open(1)) {
      assertEquals(6, reader.names().size());
      assertMessage(
          "tensor \"weights/none\": is not in the checkpoint",
          () -> reader.read(TensorRows.whole("weights/none", matrix.values())));
      assertMessage(
          "tensor \"weights/exact\": expected F32[7, 3], the checkpoint has F64[4, 2, 2]",
          () -> reader.read(TensorRows.whole("weights/exact", matrix.values())));
      assertMessage(
          "tensor \"weights/matrix\": expected F32[9, 3], the checkpoint has F32[7, 3]",
          () -> reader.read(TensorRows.of("weights/matrix", Shape.of(9, 3), 1, matrix.values())));
    }
  }

  private static void assertMessage(String part, Runnable action) {
    String message = assertThrows(InvalidInputException.class, action::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void aStepThatIsThereAlreadyIsNotWrittenOver() {
    state.save(folder(), 1, 1);
    assertMessage("step-1: is there already", () -> folder().begin(1));
    assertEquals(1, state.assertNewestLoads(folder()));
  }

  @Test
  void aRenamedCheckpointIsNotTakenForAnotherStepAndOpensByItsPath() throws IOException {
    state.save(folder(), 1, 1);
    Path renamed = output.resolve("checkpoints/step-5");
    Files.move(output.resolve("checkpoints/step-1"), renamed);
    assertMessage("step-5: holds step 1; was it renamed?", () -> folder().newest());
    try (CheckpointReader reader = CheckpointReader.open(renamed)) {
      assertEquals(1, state.assertLoads(reader));
    }
  }

  @Test
  void aLaterFormatIsRefused() throws IOException {
    state.save(folder(), 1, 1);
    Path manifest = output.resolve("checkpoints/step-1/manifest.json");
    Map<String, Object> json = new LinkedHashMap<>(SealedJson.read(manifest).values());
    json.put("format", 2L);
    json.remove("sha256");
    Files.delete(manifest);
    SealedJson.write(manifest, json);
    assertMessage("format: expected 1; was it written by a later version?", folder()::newest);
  }

  @Test
  void halvesAreSavedAsTheFloat32ThatTheyAre() {
    state.set(4);
    TensorRows halves = state.tensors().getLast();
    byte[] joined = new byte[80];
    halves.copyOut(0, MemorySegment.ofArray(joined));
    assertArrayEquals(TestState.stored(halves, 4), joined);
  }
}
