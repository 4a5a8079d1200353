package assay.tensor.comm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The watch over ranks that are threads here; {@link MpiTest} kills and stops processes. */
class WatchdogTest {
  @Test
  void ranksThatEndTogetherLoseNobody() {
    List<String> losses = new CopyOnWriteArrayList<>();
    LocalRanks.run(
        4,
        ranks -> {
          Watchdog watchdog = Watchdog.join(ranks, losses::add);
          watchdog.countOperation();
          watchdog.awaitGoodbyes();
          watchdog.close();
        });
    assertEquals(List.of(), losses);
  }

  @Test
  void whoeverEndsEarlyIsNamedToThoseWhoGoOnAndToldSo() {
    BlockingQueue<String> losses = new LinkedBlockingQueue<>();
    LocalRanks.run(
        2,
        ranks -> {
          Watchdog watchdog = Watchdog.join(ranks, losses::add);
          watchdog.countOperation();
          if (ranks.rank() == 1) {
            String message =
                assertThrows(LostRankException.class, watchdog::awaitGoodbyes).getMessage();
            assertTrue(message.contains("a collective operation that this one has not made"));
          } else {
            watchdog.countOperation();
            String loss = losses.poll(30, TimeUnit.SECONDS);
            assertTrue(loss.startsWith("rank 1 (host "), loss);
            assertTrue(
                loss.endsWith(
                    "has ended after 1 collective operations, and rank 0 waits for it in operation 2"),
                loss);
          }
        });
  }

  @Test
  void strangersAreNotAnswered() throws IOException {
    WatchdogHub hub = new WatchdogHub(0);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), hub.invitation().port())) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.UTF_8));
      assertEquals(-1, socket.getInputStream().read());
    }
    hub.close();
  }

  @Test
  void anInvitationSurvivesItsWayThroughText() throws IOException {
    WatchdogHub hub = new WatchdogHub(0);
    hub.close();
    assertEquals(
        hub.invitation(), WatchdogHub.Invitation.parse(hub.invitation().toString() + "\0\0"));
    assertTrue(hub.invitation().addresses().size() > 0);
  }
}
