package assay.tensor.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * The one pool of threads that all kernels of a device share; the calling thread works too. Which
 * thread runs a task must never change its result.
 *
 * <p>Kernels follow each other within microseconds, so a thread that runs out of work first spins
 * and only then sleeps: while a model computes, handing out a kernel costs about a microsecond.
 */
final class WorkerPool implements AutoCloseable {
  /** How long an idle thread spins before it sleeps; waking a sleeper costs about as much. */
  private static final long SPIN_NANOS = 50_000;

  /** A task that knows its worker, 0 to numThreads - 1, and so may use that worker's buffers. */
  interface WorkerTask {
    void run(int task, int worker);
  }

  private final Worker[] workers;
  private final ReentrantLock oneKernelAtATime = new ReentrantLock();
  private volatile Job current;
  private volatile boolean closed;

  WorkerPool(int numThreads) {
    if (numThreads < 1) {
      throw new IllegalArgumentException("a pool of " + numThreads + " threads");
    }
    workers = new Worker[numThreads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
    }
    for (Worker worker : workers) {
      worker.start();
    }
  }

  int numThreads() {
    return workers.length + 1;
  }

  /** Runs tasks 0 to numTasks - 1, each once, in any order, and returns when all are done. */
  void run(int numTasks, IntConsumer task) {
    runOnWorkers(numTasks, (i, worker) -> task.accept(i));
  }

  /**
   * Like {@link #run}, and tells each task which worker runs it. An exception thrown by a task is
   * thrown here, and tasks not yet begun are left out.
   */
  void runOnWorkers(int numTasks, WorkerTask task) {
    if (oneKernelAtATime.isHeldByCurrentThread() || Thread.currentThread() instanceof Worker) {
      throw new IllegalStateException("a task of a kernel may not start another kernel");
    }
    oneKernelAtATime.lock();
    try {
      if (closed) {
        throw new IllegalStateException("a kernel was started on a closed device");
      }
      if (numTasks <= 1 || workers.length == 0) {
        for (int i = 0; i < numTasks; i++) {
          task.run(i, 0);
        }
      } else {
        runInParallel(numTasks, task);
      }
    } finally {
      oneKernelAtATime.unlock();
    }
  }

  private void runInParallel(int numTasks, WorkerTask task) {
    Job job = new Job(numTasks, task, Thread.currentThread());
    current = job;
    for (int i = 0; i < Math.min(workers.length, numTasks - 1); i++) {
      if (workers[i].asleep) {
        LockSupport.unpark(workers[i]);
      }
    }
    job.work(0);
    long spinUntil = System.nanoTime() + SPIN_NANOS;
    while (!job.isDone()) {
      if (System.nanoTime() < spinUntil) {
        Thread.onSpinWait();
      } else {
        job.sleepUntilDone();
      }
    }
    current = null;
    job.throwFailure();
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  /** One kernel's tasks. Threads that come late find nothing left and touch nothing. */
  private static final class Job {
    private final int numTasks;
    private final WorkerTask task;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger numDone = new AtomicInteger();
    private volatile boolean callerAsleep;
    private volatile Throwable failure;

    Job(int numTasks, WorkerTask task, Thread caller) {
      this.numTasks = numTasks;
      this.task = task;
      this.caller = caller;
    }

    void work(int worker) {
      int done = 0;
      for (int i = next.getAndIncrement(); i < numTasks; i = next.getAndIncrement()) {
        try {
          if (failure == null) {
            task.run(i, worker);
          }
        } catch (Throwable t) {
          failure = t;
        }
        done++;
      }
      if (done > 0 && numDone.addAndGet(done) == numTasks && callerAsleep) {
        LockSupport.unpark(caller);
      }
    }

    boolean isDone() {
      return numDone.get() == numTasks;
    }

    /** Sleeps through interrupts too: others still write to the kernel's buffers. */
    void sleepUntilDone() {
      boolean interrupted = false;
      callerAsleep = true;
      while (!isDone()) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    void throwFailure() {
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable t -> throw new AssertionError("a task threw a checked exception", t);
      }
    }
  }

  private final class Worker extends Thread {
    private final int index;
    private volatile boolean asleep;

    Worker(int index) {
      super("assay-" + index);
      this.index = index;
      setDaemon(true);
    }

    @Override
    public void run() {
      Job last = null;
      while (!closed) {
        Job job = awaitJobOtherThan(last);
        if (job != null) {
          job.work(index);
          last = job;
        }
      }
    }

    /** Spins, then sleeps, until there is a new job; null if woken for no job. */
    private Job awaitJobOtherThan(Job last) {
      long spinUntil = System.nanoTime() + SPIN_NANOS;
      Job job = current;
      while (job == null || job == last) {
        if (System.nanoTime() > spinUntil) {
          asleep = true;
          job = current; // read again: a job set before asleep was seen would wake nobody
          if ((job == null || job == last) && !closed) {
            LockSupport.park(WorkerPool.this);
          }
          asleep = false;
          return current == last ? null : current;
        }
        Thread.onSpinWait();
        job = current;
      }
      return job;
    }
  }
}
