package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Promises.Promise;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Ranks that are threads. */
class LocalRanksTest extends CommunicatorContract {
  @Override
  void onRanks(int size, Promise body) {
    LocalRanks.run(
        size,
        ranks -> {
          try (Device device = Device.cpu(1);
              TensorArena arena = TensorArena.open(device, "test")) {
            body.check(ranks, device, arena);
          }
        });
  }

  /** Whoever comes first: ((1e8 + 1) - 1e8) + 1 is 1 in F32, other orders give 0 or 2. */
  @Test
  void sumsRunInTheOrderOfTheRanks() {
    float[] values = {1e8f, 1, -1e8f, 1};
    for (int repeat = 0; repeat < 20; repeat++) {
      long seed = repeat;
      onRanks(
          4,
          (ranks, device, arena) -> {
            Tensor x = arena.empty(DType.F32, 1).copyFrom(values[ranks.rank()]);
            pause(new Random(seed + ranks.rank()).nextInt(3));
            ranks.allReduce(x).await();
            assertEquals(1, x.toFloats()[0]);
          });
    }
  }

  /** No rank goes on with a tensor that another still reads. */
  @Test
  void manyCollectivesInARowDoNotMixUp() {
    onRanks(
        3,
        (ranks, device, arena) -> {
          Random random = new Random(ranks.rank());
          Tensor x = arena.empty(DType.F32, 7);
          for (int i = 0; i < 200; i++) {
            float own = i + ranks.rank();
            x.copyFrom(own, own, own, own, own, own, own);
            if (random.nextInt(20) == 0) {
              pause(1);
            }
            ranks.allReduce(x).await();
            float sum = 3 * i + 3;
            assertArrayEquals(new float[] {sum, sum, sum, sum, sum, sum, sum}, x.toFloats());
          }
        });
  }

  @Test
  void theOthersAreToldOfARankThatFailsAndItsFailureIsTheRuns() {
    AtomicReference<LostRankException> seen = new AtomicReference<>();
    IllegalStateException broken = new IllegalStateException("rank 1 is broken");
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                onRanks(
                    3,
                    (ranks, device, arena) -> {
                      if (ranks.rank() == 1) {
                        throw broken;
                      }
                      seen.set(assertThrows(LostRankException.class, ranks::barrier));
                    }));
    assertSame(broken, thrown);
    assertTrue(seen.get().getMessage().contains("rank 1, which has failed"), "" + seen.get());
  }

  @Test
  void aRankThatEndsBeforeTheOthersIsNamed() {
    LostRankException thrown =
        assertThrows(
            LostRankException.class,
            () ->
                onRanks(
                    2,
                    (ranks, device, arena) -> {
                      if (ranks.rank() == 0) {
                        ranks.barrier();
                      }
                    }));
    assertEquals("rank 0 waits for rank 1, which has ended", thrown.getMessage());
  }

  private static void pause(int milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
