package assay.tensor.comm;

import assay.tensor.BinaryKind;
import assay.tensor.Span;
import assay.tensor.Tensor;
import assay.tensor.UnaryKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Ranks that are threads of one program, each with a CPU device of its own: the same calls as on a
 * cluster, on one machine and in one debugger. A collective is done when its call returns.
 *
 * <p>Every collective is the same three steps: show the others a tensor, compute one's share of the
 * result from what all have shown, and wait until all have done so before a tensor may change. Sums
 * run in the order of the ranks: ((x0 + x1) + x2) + x3.
 */
public final class LocalRanks {
  private LocalRanks() {}

  /** What each rank does. */
  public interface Body {
    void run(Communicator ranks) throws Exception;
  }

  /**
   * Runs a body on so many ranks at once, and returns when all have ended. When one fails or ends,
   * those that wait for it fail, too.
   *
   * @throws RuntimeException or Error of the rank that failed first; a checked exception is its
   *     cause
   */
  public static void run(int size, Body body) {
    Board board = new Board(size);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int rank = i;
      threads.add(Thread.ofPlatform().name("rank " + rank).start(() -> run(board, rank, body)));
    }
    for (Thread thread : threads) {
      join(thread);
    }
    board.throwFailure();
  }

  /** The only rank of a run of one. */
  static Communicator alone() {
    return new ProfiledRanks(new LocalRank(new Board(1), 0));
  }

  private static void run(Board board, int rank, Body body) {
    try (Communicator ranks = new ProfiledRanks(new LocalRank(board, rank))) {
      body.run(ranks);
      board.leave(rank, null);
    } catch (Throwable failure) {
      board.leave(rank, failure);
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where the ranks meet. */
  private static final class Board {
    private final Tensor[] shown;
    private int arrived;
    private long meeting;
    private String left;
    private Throwable failure;

    Board(int size) {
      shown = new Tensor[size];
    }

    int size() {
      return shown.length;
    }

    /** Returns when all ranks have called it. */
    synchronized void meet(int rank) {
      long own = meeting;
      if (++arrived == size()) {
        arrived = 0;
        meeting++;
        notifyAll();
      }
      try (Span _ = Span.begin(Span.Kind.WAIT, "other ranks")) {
        while (meeting == own && left == null) {
          wait();
        }
      } catch (InterruptedException e) {
        throw new LostRankException("rank " + rank + " was interrupted while it waited", e);
      }
      if (meeting == own) {
        throw new LostRankException("rank " + rank + " waits for " + left, failure);
      }
    }

    /** What all have shown, once all have. */
    Tensor[] show(int rank, Tensor x) {
      shown[rank] = x;
      meet(rank);
      return shown;
    }

    /** Takes note of a rank that meets the others no more. */
    synchronized void leave(int rank, Throwable why) {
      if (left == null || (failure == null && why != null)) {
        left = "rank " + rank + ", which has " + (why == null ? "ended" : "failed: " + why);
        failure = why;
      }
      notifyAll();
    }

    synchronized void throwFailure() {
      switch (failure) {
        case null -> {}
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        default -> throw new IllegalStateException(left, failure);
      }
    }
  }

  private record LocalRank(Board board, int rank) implements Communicator {
    private static final Pending DONE = () -> {};

    @Override
    public int size() {
      return board.size();
    }

    @Override
    public Pending allReduce(Tensor x) {
      Tensor[] all = board.show(rank, x);
      long from = x.size() * rank / size();
      long to = x.size() * (rank + 1) / size();
      Tensor sum = all[0].elements(from, to); // no other rank touches this run of anyone's
      for (int other = 1; other < size(); other++) {
        add(all[other].elements(from, to), sum);
      }
      for (int other = 1; other < size(); other++) {
        copy(sum, all[other].elements(from, to));
      }
      board.meet(rank);
      return DONE;
    }

    @Override
    public Pending reduceScatter(Tensor whole, Tensor part) {
      Collective.requireParts(part, whole, size());
      Tensor[] all = board.show(rank, whole);
      long length = part.size();
      Tensor sum = part.elements(0, length);
      for (int other = 0; other < size(); other++) {
        add(all[other].elements(rank * length, (rank + 1) * length), sum);
      }
      board.meet(rank);
      return DONE;
    }

    @Override
    public Pending allGather(Tensor part, Tensor whole) {
      Collective.requireParts(part, whole, size());
      Tensor[] all = board.show(rank, part);
      long length = part.size();
      for (int other = 0; other < size(); other++) {
        Tensor place = whole.elements(other * length, (other + 1) * length);
        copy(all[other].elements(0, length), place);
      }
      board.meet(rank);
      return DONE;
    }

    @Override
    public Pending broadcast(Tensor x, int root) {
      Tensor[] all = board.show(rank, x);
      if (rank != root) {
        copy(all[root], x);
      }
      board.meet(rank);
      return DONE;
    }

    @Override
    public void barrier() {
      board.meet(rank);
    }

    @Override
    public void close() {}

    private static void add(Tensor x, Tensor sum) {
      if (x.size() > 0) {
        sum.device().backend().binary(BinaryKind.ADD, sum, x, sum);
      }
    }

    private static void copy(Tensor from, Tensor to) {
      if (from.size() > 0) {
        to.device().backend().unary(UnaryKind.COPY, from, to);
      }
    }
  }
}
