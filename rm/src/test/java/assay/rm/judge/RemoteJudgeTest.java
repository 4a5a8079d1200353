package assay.rm.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.judge.RemoteJudge.Endpoint;
import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small server of our own that speaks OpenAI's API, and sometimes fails. */
class RemoteJudgeTest {
  private static final String KEY = "sk-very-secret";

  /** How the server answers its n-th request, from 0. */
  private interface Behaviour {
    void answer(HttpExchange exchange, int n, JsonNode request) throws IOException;
  }

  private final List<JsonNode> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<String> authorizations = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger count = new AtomicInteger();
  private HttpServer server;
  private volatile Behaviour behaviour;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          JsonNode request = JsonMapper.shared().readTree(body);
          requests.add(request);
          authorizations.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          behaviour.answer(exchange, count.getAndIncrement(), request);
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static String completion(String text) {
    return JsonMapper.shared()
        .createObjectNode()
        .set(
            "choices",
            JsonMapper.shared()
                .createArrayNode()
                .add(
                    JsonMapper.shared()
                        .createObjectNode()
                        .set(
                            "message",
                            JsonMapper.shared().createObjectNode().put("content", text))))
        .toString();
  }

  private RemoteJudge judge(Optional<String> key) {
    URI url = URI.create("http://localhost:" + server.getAddress().getPort() + "/v1/");
    Duration wait = Duration.ofMillis(1);
    return new RemoteJudge(
        new Endpoint(url, "big-model", key, 3, wait, Duration.ofSeconds(20)), 64, 0, 1);
  }

  private static Question question(String text) {
    VerdictForm form = VerdictForm.choice("[[", "]]", "[[", 2, null);
    return new Question(
        List.of(new Message("system", "Judge."), new Message("user", text)), form, 5);
  }

  @Test
  void repliesComeInTheOrderOfTheQuestions() {
    behaviour =
        (exchange, _, request) -> {
          String asked = request.path("messages").path(1).path("content").asString();
          send(exchange, 200, completion("Verdict on " + asked + ": [[" + asked + "]]"));
        };
    try (RemoteJudge judge = judge(Optional.of(KEY))) {
      List<Reply> replies = judge.ask(List.of(question("B"), question("A"), question("x")));
      assertEquals(new Verdict.Choice(1), replies.get(0).verdict());
      assertEquals(new Verdict.Choice(0), replies.get(1).verdict());
      assertEquals(new Verdict.Unparsable(), replies.get(2).verdict());
    }
    assertEquals("big-model", requests.getFirst().path("model").asString());
    assertEquals("system", requests.getFirst().path("messages").path(0).path("role").asString());
    assertEquals(64, requests.getFirst().path("max_tokens").asInt());
    assertEquals(List.of("Bearer " + KEY, "Bearer " + KEY, "Bearer " + KEY), authorizations);
  }

  @Test
  void whatMayPassIsTriedAgain() {
    behaviour =
        (exchange, n, _) -> {
          if (n == 0) {
            exchange.getResponseHeaders().add("Retry-After", "0");
            send(exchange, 429, "slow down");
          } else if (n == 1) {
            send(exchange, 503, "restarting");
          } else {
            send(exchange, 200, completion("[[A]]"));
          }
        };
    try (RemoteJudge judge = judge(Optional.empty())) {
      Reply reply = judge.ask(List.of(question("q"))).getFirst();
      assertEquals(new Verdict.Choice(0), reply.verdict());
    }
    assertEquals(3, count.get());
    assertEquals("null", authorizations.getFirst());
  }

  @Test
  void afterTheLastTryTheQuestionHasFailedAndTheKeyIsNotShown() {
    behaviour =
        (exchange, n, _) ->
            send(exchange, 500, "cannot serve " + exchange.getRequestHeaders().values());
    try (RemoteJudge judge = judge(Optional.of(KEY))) {
      Reply reply = judge.ask(List.of(question("q"))).getFirst();
      String reason = assertInstanceOf(Verdict.Failed.class, reply.verdict()).reason();
      assertTrue(reason.contains("no reply after 4 tries: status 500: cannot serve"), reason);
      assertFalse(reason.contains(KEY), reason);
    }
    assertEquals(4, count.get());
  }

  @Test
  void aWrongKeyEndsTheRun() {
    behaviour = (exchange, _, _) -> send(exchange, 401, "{\"error\": \"bad key " + KEY + "\"}");
    try (RemoteJudge judge = judge(Optional.of(KEY))) {
      InvalidInputException error =
          assertThrows(
              InvalidInputException.class, () -> judge.ask(List.of(question("q"), question("r"))));
      assertTrue(error.getMessage().contains("big-model at http://localhost"), error.getMessage());
      assertTrue(error.getMessage().contains("status 401"), error.getMessage());
      assertFalse(error.getMessage().contains(KEY), error.getMessage());
    }
  }

  @Test
  void aQuestionThatTheServerRefusesFailsAlone() {
    behaviour =
        (exchange, _, request) -> {
          boolean big = request.path("messages").path(1).path("content").asString().equals("big");
          send(exchange, big ? 400 : 200, big ? "too many tokens" : completion("[[B]]"));
        };
    try (RemoteJudge judge = judge(Optional.empty())) {
      List<Reply> replies = judge.ask(List.of(question("big"), question("small")));
      assertInstanceOf(Verdict.Failed.class, replies.get(0).verdict());
      assertEquals(new Verdict.Choice(1), replies.get(1).verdict());
    }
    assertEquals(2, count.get());
  }

  @Test
  void whatIsNoCompletionIsSaid() {
    behaviour = (exchange, _, _) -> send(exchange, 200, "<html>");
    try (RemoteJudge judge = judge(Optional.empty())) {
      Reply reply = judge.ask(List.of(question("q"))).getFirst();
      String reason = assertInstanceOf(Verdict.Failed.class, reply.verdict()).reason();
      assertTrue(reason.contains("expected choices[0].message.content, found <html>"), reason);
    }
  }
}
