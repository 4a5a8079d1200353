package assay.tensor.cpu;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * The one pool of threads that all kernels of a device share; the calling thread works too. Which
 * thread runs a task must never change its result.
 */
final class WorkerPool implements AutoCloseable {
  private final int numThreads;
  private final ExecutorService workers;

  WorkerPool(int numThreads) {
    if (numThreads < 1) {
      throw new IllegalArgumentException("a pool of " + numThreads + " threads");
    }
    this.numThreads = numThreads;
    this.workers =
        Executors.newFixedThreadPool(
            Math.max(1, numThreads - 1), Thread.ofPlatform().daemon().name("assay-", 1).factory());
  }

  int numThreads() {
    return numThreads;
  }

  /** Runs tasks 0 to numTasks - 1, each once, in any order, and returns when all are done. */
  void run(int numTasks, IntConsumer task) {
    int helpers = Math.min(numThreads, numTasks) - 1;
    if (helpers < 1) {
      for (int i = 0; i < numTasks; i++) {
        task.accept(i);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(helpers);
    Runnable work =
        () -> {
          try {
            for (int i = next.getAndIncrement(); i < numTasks; i = next.getAndIncrement()) {
              task.accept(i);
            }
          } catch (Throwable t) {
            failure.compareAndSet(null, t);
            next.set(numTasks);
          }
        };
    for (int h = 0; h < helpers; h++) {
      workers.execute(
          () -> {
            work.run();
            done.countDown();
          });
    }
    work.run();
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // the kernel is finished first: others hold its buffers
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("a kernel failed", failure.get());
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
