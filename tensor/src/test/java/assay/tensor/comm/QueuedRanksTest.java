package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator.Pending;
import assay.tensor.comm.Promises.Promise;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Operations in the background: here of ranks that are threads, each with a second one. */
class QueuedRanksTest extends CommunicatorContract {
  @Override
  void onRanks(int size, Promise body) {
    LocalRanks.run(
        size,
        ranks -> {
          try (Device device = Device.cpu(1);
              TensorArena arena = TensorArena.open(device, "test");
              Communicator queued = QueuedRanks.start(() -> ranks)) {
            body.check(queued, device, arena);
          }
        });
  }

  @Test
  void anOperationGoesOnWhileItsRankDoesSomethingElse() {
    CountDownLatch rank0HasBegun = new CountDownLatch(1);
    onRanks(
        2,
        (ranks, device, arena) -> {
          Tensor x = arena.empty(DType.F32, 1).copyFrom(1f);
          if (ranks.rank() == 1) {
            await(rank0HasBegun);
          }
          Pending sum = ranks.allReduce(x);
          rank0HasBegun.countDown();
          sum.await();
          assertEquals(2, x.toFloats()[0]);
        });
  }

  @Test
  void memoryCannotBeGivenBackBeforeTheOperationIsAwaited() {
    onRanks(
        2,
        (ranks, device, arena) -> {
          TensorArena step = arena.child("step");
          Tensor part = step.zeros(DType.F32, 1);
          Tensor whole = step.zeros(DType.F32, 2);
          Pending gathered = ranks.allGather(part, whole);
          assertThrows(IllegalStateException.class, () -> step.release(part));
          String message = assertThrows(IllegalStateException.class, step::close).getMessage();
          assertTrue(message.contains("arena 'step'"), message);
          gathered.await();
          gathered.await(); // once more does no harm
          step.close();
        });
  }

  @Test
  void aFailureIsThrownWhereItsOperationIsAwaited() {
    IllegalStateException broken = new IllegalStateException("the network is broken");
    try (Device device = Device.cpu(1);
        TensorArena arena = TensorArena.open(device, "test");
        Communicator ranks = QueuedRanks.start(() -> new BrokenRank(broken))) {
      Pending sum = ranks.allReduce(arena.zeros(DType.F32, 1));
      assertSame(broken, assertThrows(IllegalStateException.class, sum::await));
    }
  }

  @Test
  void aFailureToJoinIsTheCallers() {
    IllegalStateException broken = new IllegalStateException("no network");
    assertSame(
        broken,
        assertThrows(
            IllegalStateException.class,
            () ->
                QueuedRanks.start(
                    () -> {
                      throw broken;
                    })));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A rank of a network that has failed. */
  private record BrokenRank(RuntimeException failure) implements Communicator {
    @Override
    public int rank() {
      return 0;
    }

    @Override
    public int size() {
      return 2;
    }

    @Override
    public Pending allReduce(Tensor x) {
      throw failure;
    }

    @Override
    public Pending reduceScatter(Tensor whole, Tensor part) {
      throw failure;
    }

    @Override
    public Pending allGather(Tensor part, Tensor whole) {
      throw failure;
    }

    @Override
    public Pending broadcast(Tensor x, int root) {
      throw failure;
    }

    @Override
    public void barrier() {
      throw failure;
    }

    @Override
    public void close() {}
  }
}
