package assay.tensor.comm;

import assay.tensor.InvalidInputException;
import assay.tensor.comm.WatchdogHub.Invitation;
import assay.tensor.comm.WatchdogHub.Member;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sees to it that no rank waits for one that is gone. MPI and NCCL do wait, for ever, within a call
 * that nothing can interrupt; so the ranks have connections of their own, on which each gives a
 * sign of life every second. When one falls silent, all others end with a message that names it.
 *
 * <p>A rank that ends says after how many operations. One that ended early, by a failure say, is as
 * lost to those that wait for it in a further operation as one that died.
 */
final class Watchdog implements AutoCloseable {
  private static final int INVITATION_BYTES = 1024;
  private static final int CONNECT_MILLIS = 2_000;

  /**
   * From a rank's last words to its end, with which the launcher ends all: so long has a rank that
   * failed to say why, and rank 0 to pass on the news.
   */
  private static final long GRACE_MILLIS = 1_000;

  private static final int EXIT_CODE = 1;

  private enum State {
    /** The main thread computes or waits in a collective operation. */
    RUNNING,
    /** It waits for all others to say goodbye. */
    LEAVING,
    /** It waits for all others within MPI's last call. */
    LEFT,
    /** All ranks were there to the end. */
    ENDED
  }

  private record Goodbye(long numOperations, Member member) {}

  private final int rank;
  private final int size;
  private final Member rank0;
  private final LifeLine line;
  private final WatchdogHub hub; // on rank 0, else null
  private final Consumer<String> onLoss;
  private final Thread heart;
  private final List<Goodbye> goodbyes = new ArrayList<>();
  private State state = State.RUNNING;
  private long numOperations;
  private String loss;

  private Watchdog(
      int rank, int size, Member rank0, LifeLine line, WatchdogHub hub, Consumer<String> onLoss) {
    this.rank = rank;
    this.size = size;
    this.rank0 = rank0;
    this.line = line;
    this.hub = hub;
    this.onLoss = onLoss;
    heart = LifeLine.startHeart("watchdog heartbeat", line::sendSignOfLife);
  }

  /**
   * Connects all ranks; each calls it. On a loss the process halts.
   *
   * @throws InvalidInputException on all ranks if some rank cannot reach rank 0 by TCP
   */
  static Watchdog join(Communicator ranks) {
    return join(ranks, Watchdog::halt);
  }

  /**
   * @param onLoss is told which rank is lost, once
   */
  static Watchdog join(Communicator ranks, Consumer<String> onLoss) {
    WatchdogHub hub = ranks.rank() == 0 ? openHub(ranks.size()) : null;
    byte[] ofRank0 =
        hub == null ? null : hub.invitation().toString().getBytes(StandardCharsets.UTF_8);
    byte[] told = Messages.broadcast(ranks, ofRank0, INVITATION_BYTES);
    Invitation invitation = Invitation.parse(new String(told, StandardCharsets.UTF_8));
    LifeLine line = connect(invitation, ranks.rank());
    int[] connected = Messages.gather(ranks, line == null ? 0 : 1);
    for (int other = 0; other < connected.length; other++) {
      if (connected[other] == 0) {
        throw new InvalidInputException(
            "rank %d cannot reach %s by TCP on port %d of %s: let the ranks' hosts connect to each other"
                .formatted(other, invitation.rank0(), invitation.port(), invitation.addresses()));
      }
    }
    Watchdog watchdog =
        new Watchdog(ranks.rank(), ranks.size(), invitation.rank0(), line, hub, onLoss);
    Thread.ofPlatform().daemon().name("watchdog").start(watchdog::listen);
    return watchdog;
  }

  private static WatchdogHub openHub(int size) {
    try {
      return new WatchdogHub(size);
    } catch (IOException e) {
      throw new InvalidInputException("rank 0 cannot open a TCP port: " + e.getMessage(), e);
    }
  }

  /** A connection to the first address at which this run's hub answers; null if there is none. */
  private static LifeLine connect(Invitation invitation, int rank) {
    for (String address : invitation.addresses()) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, invitation.port()), CONNECT_MILLIS);
        LifeLine line = new LifeLine(socket);
        line.send("hello %s %s".formatted(invitation.token(), Member.self(rank).words()));
        if (line.read().equals("welcome " + invitation.token())) {
          return line;
        }
        line.close();
      } catch (IOException e) {
        // not reached on this way; an address of another network, say
      }
    }
    return null;
  }

  private void listen() {
    try {
      while (true) {
        String text = line.read();
        String[] words = text.split(" ", -1);
        switch (words[0]) {
          case "goodbye" ->
              takeLeave(
                  new Goodbye(Long.parseLong(words[1]), Member.of(words[2], words[3], words[4])));
          case "stuck" ->
              lose("other ranks wait for a collective operation that this one has not made", true);
          case "lost" -> lose(text.substring("lost ".length()), false);
          default -> throw new IllegalStateException("the watchdog of rank 0 says " + text);
        }
      }
    } catch (IOException e) {
      lose(rank0 + " " + LifeLine.describe(e), false);
    }
  }

  private void takeLeave(Goodbye goodbye) {
    synchronized (this) {
      goodbyes.add(goodbye);
      notifyAll();
    }
    checkNobodyLeftEarly();
  }

  /** Counts an operation, for which this rank will wait until all others begin it, too. */
  void countOperation() {
    synchronized (this) {
      numOperations++;
    }
    checkNobodyLeftEarly();
  }

  private void checkNobodyLeftEarly() {
    Goodbye early;
    long operation;
    synchronized (this) {
      operation = numOperations;
      early = goodbyes.stream().filter(g -> g.numOperations < numOperations).findAny().orElse(null);
    }
    if (early != null) {
      line.send("stuck");
      lose(
          "%s has ended after %d collective operations, and rank %d waits for it in operation %d"
              .formatted(early.member, early.numOperations, rank, operation),
          false);
    }
  }

  /**
   * @param onlyIfLeaving no news to a rank that still makes operations
   */
  private void lose(String message, boolean onlyIfLeaving) {
    synchronized (this) {
      if (loss != null || state == State.ENDED || (onlyIfLeaving && state != State.LEAVING)) {
        return;
      }
      loss = message;
      if (state == State.LEAVING) {
        notifyAll(); // the main thread waits here, not within MPI, and can throw
        return;
      }
    }
    onLoss.accept(message);
  }

  private static void halt(String message) {
    System.err.println("assay: " + message);
    System.err.flush();
    try {
      Thread.sleep(GRACE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(EXIT_CODE); // an orderly exit would wait for the thread within MPI
  }

  /**
   * Tells the others that this rank makes no more operations, and waits until all have said so.
   *
   * @throws LostRankException if some will not
   */
  synchronized void awaitGoodbyes() {
    state = State.LEAVING;
    line.send("goodbye " + numOperations);
    while (goodbyes.size() < size && loss == null) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new LostRankException("rank " + rank + " was interrupted while it waited", e);
      }
    }
    if (loss != null) {
      throw new LostRankException(loss, null);
    }
    state = State.LEFT;
  }

  /** Tells the others that this rank has failed, which they will not survive. */
  void fail(Throwable why) {
    synchronized (this) {
      state = State.ENDED;
    }
    line.send("failed: " + String.valueOf(why.getMessage()).lines().findFirst().orElse(""));
  }

  /** Ends the watch, when nobody waits for this rank any more. */
  @Override
  public void close() {
    synchronized (this) {
      state = State.ENDED;
    }
    heart.interrupt();
    line.send("end");
    if (hub != null) {
      hub.close();
    }
    line.close();
  }
}
