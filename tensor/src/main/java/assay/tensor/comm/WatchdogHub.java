package assay.tensor.comm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Where all ranks' watchdogs are connected, in rank 0's process. It passes on what one rank tells
 * all, and tells all when one is lost.
 *
 * <p>Lines from a rank: {@code hello <token> <rank> <host> <pid>}; {@code goodbye <operations>},
 * when it has made its last collective operation; {@code stuck}, when it waits for one that has
 * said so; {@code failed: <why>}; {@code end}. Lines to a rank: {@code welcome <token>}; {@code
 * goodbye <operations> <rank> <host> <pid>}; {@code stuck}; {@code lost <message>}.
 */
final class WatchdogHub implements AutoCloseable {
  private static final long END_SECONDS = 5;

  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  /** A process, as messages name it. */
  record Member(int rank, String host, long pid) {
    static Member self(int rank) {
      String host;
      try {
        host = Files.readString(HOST_NAME).strip(); // Java would ask the network what it is called
      } catch (IOException e) {
        host = "unknown";
      }
      return new Member(rank, host, ProcessHandle.current().pid());
    }

    String words() {
      return rank + " " + host + " " + pid;
    }

    static Member of(String rank, String host, String pid) {
      return new Member(Integer.parseInt(rank), host, Long.parseLong(pid));
    }

    @Override
    public String toString() {
      return "rank %d (host %s, pid %d)".formatted(rank, host, pid);
    }
  }

  /**
   * Tells a rank how to reach the hub.
   *
   * @param token tells this run's hub from others that listen on the same port of another host
   * @param addresses of rank 0's host, the most useful first
   */
  record Invitation(String token, int port, Member rank0, List<String> addresses) {
    static Invitation parse(String text) {
      String[] words = text.trim().split(" ", -1); // trim takes zeros off, strip does not
      return new Invitation(
          words[0],
          Integer.parseInt(words[1]),
          Member.of(words[2], words[3], words[4]),
          List.of(words[5].split(",", -1)));
    }

    @Override
    public String toString() {
      return "%s %d %s %s".formatted(token, port, rank0.words(), String.join(",", addresses));
    }
  }

  private final ServerSocket server = new ServerSocket(0);
  private final Invitation invitation;
  private final Map<Member, LifeLine> lines = new HashMap<>();
  private final CountDownLatch ended;
  private final Thread heart;

  WatchdogHub(int size) throws IOException {
    byte[] token = new byte[8];
    new SecureRandom().nextBytes(token);
    invitation =
        new Invitation(
            HexFormat.of().formatHex(token), server.getLocalPort(), Member.self(0), addresses());
    ended = new CountDownLatch(size);
    Thread.ofPlatform().daemon().name("watchdog hub").start(this::welcome);
    heart = LifeLine.startHeart("watchdog hub heartbeat", this::beat);
  }

  Invitation invitation() {
    return invitation;
  }

  /** All that other hosts may know this one by; loopback last, for a host without a network. */
  private static List<String> addresses() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLinkLocalAddress())
        .sorted(Comparator.comparing(InetAddress::isLoopbackAddress))
        .map(InetAddress::getHostAddress)
        .toList();
  }

  private void welcome() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofPlatform().daemon().name("watchdog hub line").start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    Member member;
    LifeLine line;
    try {
      line = new LifeLine(socket);
      String[] hello = line.read().split(" ", -1);
      if (hello.length != 5 || !hello[1].equals(invitation.token)) {
        line.close();
        return; // a stranger
      }
      member = Member.of(hello[2], hello[3], hello[4]);
      synchronized (lines) {
        lines.put(member, line); // first: whoever is welcome must miss nobody's goodbye
        line.send("welcome " + invitation.token);
      }
    } catch (IOException e) {
      return; // nobody of ours: who cannot say hello fails to join
    }
    try {
      listen(member, line);
    } catch (IOException e) {
      lose(member, LifeLine.describe(e));
    }
    ended.countDown();
  }

  private void listen(Member member, LifeLine line) throws IOException {
    while (true) {
      String text = line.read();
      switch (text.split(" ", -1)[0]) {
        case "goodbye" -> tellAll(text + " " + member.words());
        case "stuck" -> tellAll(text);
        case "failed:" -> {
          lose(member, "has " + text);
          return;
        }
        case "end" -> {
          remove(member);
          return;
        }
        default -> throw new IllegalStateException(member + " says " + text);
      }
    }
  }

  private void remove(Member member) {
    synchronized (lines) {
      lines.remove(member);
    }
  }

  private void tellAll(String text) {
    synchronized (lines) {
      lines.values().forEach(line -> line.send(text));
    }
  }

  private void beat() {
    synchronized (lines) {
      lines.values().forEach(LifeLine::sendSignOfLife);
    }
  }

  private void lose(Member lost, String how) {
    remove(lost);
    tellAll("lost " + lost + " " + how);
  }

  /** Once all ranks have said that they end. */
  @Override
  public void close() {
    try {
      ended.await(END_SECONDS, TimeUnit.SECONDS);
      server.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    heart.interrupt();
  }
}
