package assay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code assay judge} with a tiny model that writes stories, and with a small server. */
class JudgeCommandTest {
  private static final String MODEL =
      Path.of(System.getProperty("assay.test-resources"), "models", "stories260K").toString();
  private static final String PAIR =
      "{\"id\": 1, \"prompt\": \"?\", \"chosen\": \"a\", \"rejected\": \"b\"}";
  private static final String IDS = "{\"input_ids\": [1, 2]}";

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
  }

  private String file(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines)).toString();
  }

  private String prompt() throws IOException {
    return file(
        "prompt.yaml",
        "kind: choice",
        "user: '{question} {answers}'",
        "answer: '{letter} {answer}'",
        "verdict: '[[{verdict}]]'");
  }

  private List<JsonNode> rows(String name) throws IOException {
    return Files.readAllLines(folder.resolve(name)).stream()
        .map(line -> JsonMapper.shared().readTree(line))
        .toList();
  }

  @Test
  void everyRowIsAnsweredInItsPlace() throws IOException {
    String input = file("in.jsonl", PAIR, IDS, PAIR.replace("\"id\": 1", "\"id\": 2"));
    String output = folder.resolve("out.jsonl").toString();
    int code =
        run(
            "judge",
            "--model",
            MODEL,
            "--mode",
            "logits",
            "--prompt",
            prompt(),
            "--input",
            input,
            "--output",
            output);
    assertEquals(1, code, err.toString());
    List<JsonNode> rows = rows("out.jsonl");
    assertEquals(3, rows.size());
    assertEquals(1, rows.get(0).path("id").asInt());
    double share = rows.get(0).path("p_chosen").asDouble(-1);
    assertTrue(share > 0 && share < 1, rows.get(0).toString());
    assertTrue(rows.get(1).path("error").asString().contains("needs conversations"));
    assertEquals(share, rows.get(2).path("p_chosen").asDouble());
    assertTrue(err.toString().contains("3 rows, 4 replies, 1 rows with an error"), err.toString());
  }

  @Test
  void whatAServerSaysInBothOrdersBecomesAPair() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/chat/completions",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          String letter = body.contains("A good") ? "A" : body.contains("B good") ? "B" : "A";
          byte[] reply =
              "{\"choices\": [{\"message\": {\"content\": \"[[%s]]\"}}]}"
                  .formatted(letter)
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, reply.length);
          exchange.getResponseBody().write(reply);
          exchange.close();
        });
    server.start();
    try {
      String input =
          file(
              "in.jsonl",
              "{\"prompt\": \"?\", \"chosen\": \"bad\", \"rejected\": \"good\"}",
              "{\"prompt\": \"?\", \"chosen\": \"so\", \"rejected\": \"so so\"}");
      int code =
          run(
              "judge",
              "--api",
              "http://localhost:" + server.getAddress().getPort() + "/v1",
              "--api-model",
              "m",
              "--prompt",
              prompt(),
              "--input",
              input,
              "--output",
              folder.resolve("out.jsonl").toString(),
              "--distill",
              folder.resolve("pairs.jsonl").toString());
      assertEquals(0, code, err.toString());
    } finally {
      server.stop(0);
    }
    assertEquals(0, rows("out.jsonl").getFirst().path("p_chosen").asDouble(-1));
    assertFalse(rows("out.jsonl").get(1).path("consistent").asBoolean(true));
    List<JsonNode> pairs = rows("pairs.jsonl");
    assertEquals(1, pairs.size());
    assertEquals("good", pairs.getFirst().path("chosen").path(1).path("content").asString());
  }

  @Test
  void wrongUseEndsWithTwoAndWritesNothing() throws IOException {
    String output = folder.resolve("out.jsonl").toString();
    String broken = file("broken.jsonl", PAIR, "{\"prompt\": ");
    assertEquals(2, run("judge", "--input", broken));
    assertRefused("--mode", "--model", MODEL, "--mode", "guess");
    assertRefused("--top-p", "--model", MODEL, "--top-p", "0");
    assertRefused("--distill-share", "--model", MODEL, "--distill-share", "0.6");
    assertRefused("needs --api-model", "--api", "http://localhost:1/v1");
    assertRefused("give one of them", "--api", "http://x/v1", "--model", MODEL);
    assertRefused("is no file, and none of the prompts", "--model", MODEL, "--prompt", "pear");
    assertRefused(
        "broken.jsonl:2",
        "--model",
        MODEL,
        "--mode",
        "logits",
        "--prompt",
        prompt(),
        "--input",
        broken,
        "--output",
        output);
    assertFalse(Files.exists(Path.of(output)));
    assertFalse(Files.exists(Path.of(output + ".tmp")));
  }

  private void assertRefused(String part, String... options) {
    err.getBuffer().setLength(0);
    String[] arguments = new String[options.length + 1];
    arguments[0] = "judge";
    System.arraycopy(options, 0, arguments, 1, options.length);
    assertEquals(2, run(arguments), err.toString());

    assertTrue(err.toString().contains(part), err.toString());
  }
}
