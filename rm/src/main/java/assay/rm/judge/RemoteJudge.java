package assay.rm.judge;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model behind an OpenAI-compatible API: {@code POST URL/chat/completions}. Several questions are
 * under way at once; one that fails for a passing reason is asked again, later and later.
 */
public final class RemoteJudge implements Judge {
  private static final int PARALLEL_QUESTIONS = 8;
  private static final int MAX_ERROR_LENGTH = 300;

  /**
   * Where and what to ask.
   *
   * @param url up to and with the version, such as {@code http://localhost:8000/v1}
   * @param model as the server names it
   * @param key sent as bearer token, and never printed; empty for a server that wants none
   * @param retries after the first try
   * @param firstWait before the first retry; each further one waits twice as long
   * @param timeout of one try
   */
  public record Endpoint(
      URI url,
      String model,
      Optional<String> key,
      int retries,
      Duration firstWait,
      Duration timeout) {
    /** Without the key. */
    @Override
    public String toString() {
      return model + " at " + url;
    }
  }

  private final Endpoint endpoint;
  private final int maxNewTokens;
  private final double temperature;
  private final double topP;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final ExecutorService workers = Executors.newFixedThreadPool(PARALLEL_QUESTIONS);

  public RemoteJudge(Endpoint endpoint, int maxNewTokens, double temperature, double topP) {
    this.endpoint = endpoint;
    this.maxNewTokens = maxNewTokens;
    this.temperature = temperature;
    this.topP = topP;
  }

  /**
   * @throws InvalidInputException if the server refuses such questions: no rights, no such model
   */
  @Override
  public List<Reply> ask(List<Question> questions) {
    List<Future<Reply>> futures = new ArrayList<>();
    for (Question question : questions) {
      futures.add(workers.submit(() -> askOne(question)));
    }
    List<Reply> replies = new ArrayList<>();
    try {
      for (Future<Reply> future : futures) {
        replies.add(future.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InvalidInputException refused) {
        throw refused;
      }
      throw new IllegalStateException(endpoint.toString(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while asking " + endpoint, e);
    } finally {
      futures.forEach(future -> future.cancel(true));
    }
    return replies;
  }

  private Reply askOne(Question question) throws InterruptedException {
    HttpRequest request = request(question);
    Duration wait = endpoint.firstWait();
    String problem = "";
    for (int attempt = 0; attempt <= endpoint.retries(); attempt++) {
      Optional<Duration> asked = Optional.empty();
      try {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          return reply(question, response.body());
        }
        problem = "status " + response.statusCode() + ": " + brief(response.body());
        if (!mayPass(response.statusCode())) {
          return refused(response.statusCode(), problem);
        }
        asked = retryAfter(response);
      } catch (IOException e) {
        problem = e.toString();
      }
      if (attempt < endpoint.retries()) {
        Thread.sleep(asked.orElse(wait));
        wait = wait.multipliedBy(2);
      }
    }
    return Reply.failed(
        endpoint + ": no reply after " + (endpoint.retries() + 1) + " tries: " + problem);
  }

  /** Too many requests, a timeout, or the server's own trouble. */
  private static boolean mayPass(int status) {
    return status == 408 || status == 409 || status == 429 || status >= 500;
  }

  /** A question may be too long; a wrong key or name makes every other question vain. */
  private Reply refused(int status, String problem) {
    if (status == 401 || status == 403 || status == 404) {
      throw new InvalidInputException(endpoint + ": " + problem);
    }
    return Reply.failed(endpoint + ": " + problem);
  }

  /** What the server asks for, in seconds; dates and nonsense are passed over. */
  private static Optional<Duration> retryAfter(HttpResponse<String> response) {
    return response
        .headers()
        .firstValue("retry-after")
        .filter(value -> value.matches("\\d{1,3}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)));
  }

  private HttpRequest request(Question question) {
    ObjectNode body = JsonMapper.shared().createObjectNode().put("model", endpoint.model());
    ArrayNode messages = body.putArray("messages");
    for (Message turn : question.conversation()) {
      messages.addObject().put("role", turn.role()).put("content", turn.content());
    }
    body.put("max_tokens", maxNewTokens).put("temperature", temperature).put("top_p", topP);
    if (temperature > 0) {
      body.put("seed", question.seed());
    }
    String base = endpoint.url().toString().replaceAll("/+$", "");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/chat/completions"))
            .timeout(endpoint.timeout())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    endpoint.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
    return request.build();
  }

  private Reply reply(Question question, String body) {
    try {
      JsonNode content =
          JsonMapper.shared()
              .readTree(body)
              .path("choices")
              .path(0)
              .path("message")
              .path("content");
      if (content.isString()) {
        return Reply.written(question.form().parse(content.stringValue()), content.stringValue());
      }
    } catch (JacksonException _) {
      // said below
    }
    return Reply.failed(endpoint + ": expected choices[0].message.content, found " + brief(body));
  }

  /** A server may repeat what it was sent. */
  private String brief(String body) {
    String safe = endpoint.key().map(key -> body.replace(key, "***")).orElse(body).strip();
    return safe.length() <= MAX_ERROR_LENGTH ? safe : safe.substring(0, MAX_ERROR_LENGTH) + "...";
  }

  @Override
  public void close() {
    workers.shutdownNow();
    client.close();
  }
}
