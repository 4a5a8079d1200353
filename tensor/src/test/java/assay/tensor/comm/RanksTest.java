package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A lone rank, one that is only planned, and one that counts. */
class RanksTest {
  @Test
  void aProcessStartedAloneIsTheOnlyRank() {
    try (Device device = Device.cpu(1);
        TensorArena arena = TensorArena.open(device, "test");
        Communicator ranks = Ranks.join(device)) {
      assertEquals(1, ranks.size());
      Promises.all().values().forEach(promise -> promise.check(ranks, device, arena));
    }
  }

  @Test
  void aPlannedRankTakesStagingMemoryAndLeavesTensorsAlone() {
    try (Device device = Device.planning();
        TensorArena arena = TensorArena.open(device, "test")) {
      try (Communicator ranks = Ranks.planned(2, 4, device)) {
        assertEquals(2, ranks.rank());
        assertEquals(4, ranks.size());
        assertEquals(
            3L << 20, device.ledger().byPurpose().get("communication").current(), "1 MiB each");
        Tensor part = arena.zeros(DType.F32, 5);
        Tensor whole = arena.zeros(DType.F32, 20);
        ranks.reduceScatter(whole, part).await();
        ranks.allGather(part, whole).await();
        ranks.allReduce(whole).await();
        ranks.broadcast(whole, 3).await();
        ranks.barrier();
        assertThrows(IllegalArgumentException.class, () -> ranks.allGather(whole, part));
      }
      assertEquals(0, device.ledger().byPurpose().get("communication").current());
    }
  }

  @Test
  void stagingMemoryDoesNotGrowWithTheNumberOfRanks() {
    for (int size : new int[] {8, 16, 64}) {
      try (Device device = Device.planning();
          Communicator ranks = Ranks.planned(0, size, device)) {
        assertEquals(ranks.size() - 1, device.ledger().current() / ((8L << 20) / size));
      }
    }
  }

  @Test
  void whatIsHandedToEachKindOfOperationIsCounted() {
    LocalRanks.run(
        2,
        uncounted -> {
          try (Device device = Device.cpu(1);
              TensorArena arena = TensorArena.open(device, "test")) {
            CountedRanks ranks = new CountedRanks(uncounted);
            Tensor part = arena.of(DType.F32, Shape.of(2), 1, 2);
            Tensor whole = arena.zeros(DType.F32, 4);
            ranks.allGather(part, whole).await();
            assertArrayEquals(new float[] {1, 2, 1, 2}, whole.toFloats());
            ranks.allGather(part, whole).await();
            ranks.reduceScatter(whole, part).await();
            ranks.allReduce(part).await();
            ranks.broadcast(arena.zeros(DType.F64, 1), 0).await();
            ranks.barrier();
            assertEquals(
                Map.of(
                    Collective.ALL_GATHER, 32L,
                    Collective.REDUCE_SCATTER, 16L,
                    Collective.ALL_REDUCE, 8L,
                    Collective.BROADCAST, 8L),
                ranks.bytes());
            assertEquals(32 + 16 + 2 * 8 + 8, ranks.volume());
          }
        });
  }
}
