package assay.tensor.comm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One end of a connection between a rank's {@link Watchdog} and the {@link WatchdogHub}: lines of
 * text, and in between signs of life.
 */
final class LifeLine implements AutoCloseable {
  /** Time between two signs of life. */
  static final Duration HEARTBEAT = Duration.ofSeconds(1);

  /** Whoever is silent for so long is lost. */
  static final Duration SILENCE = Duration.ofSeconds(6);

  private static final String ALIVE = "alive";

  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;

  LifeLine(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout((int) SILENCE.toMillis());
    socket.setTcpNoDelay(true);
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    out = socket.getOutputStream();
  }

  /** Sends a line. If the other end is gone, those who {@link #read} from it get to know. */
  synchronized void send(String line) {
    try {
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      close();
    }
  }

  /** Starts a thread that gives signs of life until it is interrupted. */
  static Thread startHeart(String name, Runnable beat) {
    return Thread.ofPlatform()
        .daemon()
        .name(name)
        .start(
            () -> {
              try {
                while (true) {
                  beat.run();
                  Thread.sleep(HEARTBEAT);
                }
              } catch (InterruptedException e) {
                // the watch has ended
              }
            });
  }

  void sendSignOfLife() {
    send(ALIVE);
  }

  /**
   * Waits for the next line that is more than a sign of life.
   *
   * @throws SocketTimeoutException if there was no line for the time of {@link #SILENCE}
   * @throws IOException if the connection broke
   */
  String read() throws IOException {
    String line = in.readLine();
    while (ALIVE.equals(line)) {
      line = in.readLine();
    }
    if (line == null) {
      throw new IOException("the other end is gone");
    }
    return line;
  }

  /** How somebody was lost, of whom nothing can be read any more. */
  static String describe(IOException failure) {
    return failure instanceof SocketTimeoutException
        ? "is lost: no sign of life for %d s".formatted(SILENCE.toSeconds())
        : "is lost: its connection broke";
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // closed all the same
    }
  }
}
