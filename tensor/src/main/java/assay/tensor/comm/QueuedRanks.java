package assay.tensor.comm;

import assay.tensor.Tensor;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes a communicator whose calls block into one whose operations go on in the background: they
 * are put into a queue, and one thread runs them in order. That thread alone uses the other
 * communicator, from its making to its end.
 */
final class QueuedRanks implements Communicator {
  private final ExecutorService queue;
  private final Communicator ranks;

  private QueuedRanks(ExecutorService queue, Communicator ranks) {
    this.queue = queue;
    this.ranks = ranks;
  }

  /** The communicator is made by the thread that will use it. */
  static Communicator start(Callable<Communicator> join) {
    ExecutorService queue =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("communication").factory());
    try {
      return new QueuedRanks(queue, new ProfiledRanks(await(queue.submit(join))));
    } catch (Throwable e) {
      queue.shutdown();
      throw e;
    }
  }

  @Override
  public int rank() {
    return ranks.rank();
  }

  @Override
  public int size() {
    return ranks.size();
  }

  @Override
  public Pending allReduce(Tensor x) {
    return begin(() -> ranks.allReduce(x), x);
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    Collective.requireParts(part, whole, size());
    return begin(() -> ranks.reduceScatter(whole, part), whole, part);
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    Collective.requireParts(part, whole, size());
    return begin(() -> ranks.allGather(part, whole), part, whole);
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    return begin(() -> ranks.broadcast(x, root), x);
  }

  @Override
  public void barrier() {
    await(queue.submit(ranks::barrier));
  }

  private Pending begin(Callable<Pending> operation, Tensor... tensors) {
    Future<Void> done =
        queue.submit(
            () -> {
              operation.call().await();
              return null;
            });
    return HeldPending.of(() -> await(done), tensors);
  }

  /** Waits through interrupts: the operation still uses its tensors. */
  private static <T> T await(Future<T> done) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return done.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw unchecked(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException unchecked(Throwable failure) {
    return switch (failure) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> new IllegalStateException(failure);
    };
  }

  /** After all that is in the queue. */
  @Override
  public void close() {
    try {
      await(queue.submit(ranks::close));
    } finally {
      queue.shutdown();
    }
  }
}
