package assay.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Who owns memory, and what happens to those who get it wrong. */
class MemoryTest {
  @Test
  void freshMemoryIsNaNUntilItIsWritten() {
    try (Device device = Device.cpuReference(1);
        TensorArena arena = TensorArena.open(device, "test")) {
      assertTrue(Float.isNaN(arena.empty(DType.F32, 1).toFloats()[0]));
    }
  }

  @Test
  void useAfterCloseNamesTheTensorAndItsArena() {
    try (Device device = Device.cpuReference(1)) {
      Tensor tensor;
      try (TensorArena arena = TensorArena.open(device, "step")) {
        tensor = arena.zeros(DType.F32, 2, 3);
      }
      String message = assertThrows(IllegalStateException.class, tensor::toFloats).getMessage();
      assertTrue(message.contains("F32[2, 3]") && message.contains("'step'"), message);
    }
  }

  @Test
  void closingTwiceOrBeforeAChildIsAnError() {
    try (Device device = Device.cpuReference(1)) {
      TensorArena parent = TensorArena.open(device, "parent");
      TensorArena child = parent.child("child");
      assertThrows(IllegalStateException.class, parent::close);
      child.close();
      parent.close();
      assertThrows(IllegalStateException.class, parent::close);
    }
  }

  @Test
  void memoryThatAnOperationStillUsesCannotBeGivenBack() {
    try (Device device = Device.cpuReference(1)) {
      TensorArena arena = TensorArena.open(device, "step");
      Tensor tensor = arena.zeros(DType.F32, 2, 3);
      Tensor view = tensor.rows(1, 2);
      view.hold();
      assertThrows(IllegalStateException.class, () -> arena.release(tensor));
      String message = assertThrows(IllegalStateException.class, arena::close).getMessage();
      assertTrue(message.contains("24 bytes of arena 'step'"), message);
      view.letGo();
      arena.close();
    }
  }

  @Test
  void aRunOfElementsIsAView() {
    try (Device device = Device.cpuReference(1);
        TensorArena arena = TensorArena.open(device, "test")) {
      Tensor tensor = arena.zeros(DType.F32, 2, 3);
      tensor.elements(2, 5).copyFrom(1f, 2, 3);
      assertArrayEquals(new float[] {0, 0, 1, 2, 3, 0}, tensor.toFloats());
      assertEquals(Float.floatToIntBits(3), tensor.bitsAs(DType.I32).toInts()[4]);
      assertThrows(IllegalArgumentException.class, () -> tensor.elements(5, 7));
    }
  }

  @Test
  void closingADeviceWithLiveTensorsIsAnError() {
    Device device = Device.cpuReference(1);
    TensorArena arena = TensorArena.open(device, "forgotten");
    arena.zeros(DType.F32, 4);
    String message = assertThrows(IllegalStateException.class, device::close).getMessage();
    assertTrue(message.contains("forgotten"), message);
    arena.close();
    device.close();
  }

  @Test
  void writingPastATensorIsFoundWhenItIsReleased() {
    try (Device device = Device.cpuReference(1)) {
      TensorArena arena = TensorArena.open(device, "test");
      Tensor tensor = arena.zeros(DType.F32, 3);
      device
          .backend()
          .copyIn(java.lang.foreign.MemorySegment.ofArray(new float[] {1}), tensor.address() + 12);
      assertThrows(IllegalStateException.class, arena::close);
    }
  }

  @Test
  void theLedgerKnowsHowThePeakWasMadeUp() {
    try (Device device = Device.cpuReference(1)) {
      try (TensorArena weights = TensorArena.open(device, "weights");
          TensorArena activations = TensorArena.open(device, "activations")) {
        weights.zeros(DType.F32, 10);
        Tensor early = activations.zeros(DType.F32, 100);
        activations.release(early);
        weights.zeros(DType.F32, 5);
      }
      assertEquals(0, device.ledger().current());
      assertEquals(440, device.ledger().peak());
      assertEquals(400, device.ledger().atPeak().get("activations"));
      assertEquals(40, device.ledger().atPeak().get("weights"));
    }
  }

  /** More than a process can address, so that every system refuses. */
  @Test
  void memoryThatTheSystemRefusesIsTheUsersToSave() {
    try (Device device = Device.cpuReference(1);
        TensorArena arena = TensorArena.open(device, "test")) {
      arena.zeros(DType.F32, 16);
      String message =
          assertThrows(
                  InvalidInputException.class,
                  () -> arena.empty(DType.F32, Integer.MAX_VALUE, 1 << 20))
              .getMessage();
      assertTrue(message.contains("training.micro_batch_tokens"), message);
      assertTrue(message.contains("the system refuses"), message);
    }
  }

  /** Tensors in use never overlap, whatever is allocated and released in whatever order. */
  @Property(tries = 200)
  void tensorsInUseNeverOverlap(
      @ForAll @Size(max = 200) List<@IntRange(min = -20, max = 5000) Integer> commands) {
    try (Device device = Device.cpuReference(1);
        TensorArena arena = TensorArena.open(device, "test")) {
      List<Tensor> live = new ArrayList<>();
      List<Integer> values = new ArrayList<>();
      for (int command : commands) {
        if (command > 0) {
          Tensor tensor = arena.empty(DType.I32, command);
          device.backend().fill(tensor, values.size());
          live.add(tensor);
          values.add(values.size());
        } else if (!live.isEmpty()) {
          int victim = -command % live.size();
          int last = live.size() - 1;
          arena.release(live.get(victim));
          live.set(victim, live.get(last));
          values.set(victim, values.get(last));
          live.removeLast();
          values.removeLast();
        }
      }
      for (int i = 0; i < live.size(); i++) {
        int[] expected = new int[Math.toIntExact(live.get(i).size())];
        java.util.Arrays.fill(expected, values.get(i));
        assertArrayEquals(expected, live.get(i).toInts());
      }
    }
  }
}
