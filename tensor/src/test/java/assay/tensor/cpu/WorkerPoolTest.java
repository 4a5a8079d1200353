package assay.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Every task runs once, whatever the threads do. */
class WorkerPoolTest {
  @Test
  void everyTaskRunsOnceAndIsDoneOnReturn() {
    for (int numThreads = 1; numThreads <= 4; numThreads++) {
      try (WorkerPool pool = new WorkerPool(numThreads)) {
        for (int round = 0; round < 2_000; round++) {
          int[] runs = new int[round % 19];
          pool.run(runs.length, i -> runs[i]++); // visible here without further ado
          for (int count : runs) {
            assertEquals(1, count);
          }
        }
      }
    }
  }

  @Test
  void sleepingThreadsAreWoken() {
    try (WorkerPool pool = new WorkerPool(2)) {
      for (int round = 0; round < 20; round++) {
        LockSupport.parkNanos(1_000_000); // far longer than a thread spins
        CountDownLatch both = new CountDownLatch(2);
        pool.run(
            2,
            i -> {
              both.countDown();
              awaitOrFail(both); // needs both threads at once
            });
      }
    }
  }

  @Test
  void noTwoTasksShareAWorkerAtTheSameTime() {
    try (WorkerPool pool = new WorkerPool(3)) {
      AtomicIntegerArray busy = new AtomicIntegerArray(3);
      pool.runOnWorkers(
          3_000,
          (task, worker) -> {
            assertEquals(1, busy.incrementAndGet(worker));
            busy.decrementAndGet(worker);
          });
    }
  }

  @Test
  void aFailureIsThrownToTheCallerAndThePoolGoesOn() {
    for (int numThreads = 1; numThreads <= 3; numThreads++) {
      try (WorkerPool pool = new WorkerPool(numThreads)) {
        for (int failing = 0; failing < 10; failing++) {
          int wrong = failing;
          IllegalArgumentException failure = new IllegalArgumentException("task " + wrong);
          IllegalArgumentException thrown =
              assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      pool.run(
                          10,
                          i -> {
                            if (i == wrong) {
                              throw failure;
                            }
                          }));
          assertSame(failure, thrown);
          pool.run(10, i -> {});
        }
      }
    }
  }

  @Test
  void aTaskMayNotStartAKernel() {
    for (int numThreads = 1; numThreads <= 2; numThreads++) {
      try (WorkerPool pool = new WorkerPool(numThreads)) {
        assertThrows(IllegalStateException.class, () -> pool.run(4, i -> pool.run(1, j -> {})));
      }
    }
  }

  @Test
  void interruptedCallersFinishTheKernelAndStayInterrupted() {
    try (WorkerPool pool = new WorkerPool(2)) {
      int[] runs = new int[100];
      Thread.currentThread().interrupt();
      pool.run(runs.length, i -> runs[i]++);
      assertTrue(Thread.interrupted());
      for (int count : runs) {
        assertEquals(1, count);
      }
    }
  }

  @Test
  void aClosedPoolRefusesWork() {
    WorkerPool pool = new WorkerPool(2);
    pool.close();
    assertThrows(IllegalStateException.class, () -> pool.run(1, i -> {}));
  }

  private static void awaitOrFail(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
