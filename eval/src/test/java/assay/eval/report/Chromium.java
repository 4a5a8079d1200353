package assay.eval.report;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real browser without a window, driven by its DevTools protocol. */
final class Chromium implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final Pattern LISTENING = Pattern.compile("ws://(127\\.0\\.0\\.1:\\d+)/");
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<Void>> loads = new CopyOnWriteArrayList<>();

  /** The browser on this machine's PATH. */
  static Optional<Path> find() {
    return Pattern.compile(File.pathSeparator)
        .splitAsStream(System.getenv("PATH"))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts a browser with a page.
   *
   * @param profile an empty folder
   */
  static Chromium start(Path executable, Path profile) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                executable.toString(),
                "--headless",
                "--no-sandbox", // which root cannot have
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return new Chromium(process);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private Chromium(Process process) throws IOException, InterruptedException {
    this.process = process;
    HttpRequest newPage =
        HttpRequest.newBuilder(URI.create("http://" + address() + "/json/new?about:blank"))
            .PUT(HttpRequest.BodyPublishers.noBody())
            .build();
    String page = http.send(newPage, HttpResponse.BodyHandlers.ofString()).body();
    URI target = URI.create(JSON.readTree(page).get("webSocketDebuggerUrl").stringValue());
    socket = http.newWebSocketBuilder().buildAsync(target, new Receiver()).join();
    List.of("Page.enable", "Runtime.enable", "Log.enable", "Network.enable")
        .forEach(domain -> call(domain, Map.of()));
  }

  /** Where the browser listens, which it says on its standard error; the rest is read and left. */
  private String address() {
    CompletableFuture<String> address = new CompletableFuture<>();
    BufferedReader lines = process.errorReader();
    Thread.ofVirtual()
        .start(
            () ->
                lines
                    .lines()
                    .map(LISTENING::matcher)
                    .filter(Matcher::find)
                    .forEach(listening -> address.complete(listening.group(1))));
    return address.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  private JsonNode call(String method, Map<String, ?> parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket
        .sendText(
            JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
        .join();
    return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Opens a page and waits until it is loaded and drawn. */
  void open(Path page) {
    CompletableFuture<Void> loaded = new CompletableFuture<>();
    loads.add(loaded);
    call("Page.navigate", Map.of("url", page.toUri().toString()));
    loaded.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    waitUntilDrawn();
  }

  private void waitUntilDrawn() {
    evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  }

  /** Makes the page so wide, on a light or a dark screen. */
  void show(int width, String colorScheme) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 800, "deviceScaleFactor", 1, "mobile", false));
    Map<String, String> scheme = Map.of("name", "prefers-color-scheme", "value", colorScheme);
    call("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
    waitUntilDrawn();
  }

  /** What an expression comes to in the page. */
  JsonNode evaluate(String expression) {
    Map<String, Object> parameters =
        Map.of("expression", expression, "awaitPromise", true, "returnByValue", true);
    JsonNode answer = call("Runtime.evaluate", parameters);
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.path("result").path("value");
  }

  /** All errors and warnings since the start. */
  List<String> complaints() {
    return complaints;
  }

  /** The addresses of all that was asked for. */
  List<String> requests() {
    return requests;
  }

  private void receive(JsonNode message) {
    if (message.has("id")) {
      answers.remove(message.get("id").intValue()).complete(message.path("result"));
      return;
    }
    JsonNode what = message.path("params");
    switch (message.path("method").stringValue("")) {
      case "Page.loadEventFired" -> loads.forEach(loaded -> loaded.complete(null));
      case "Network.requestWillBeSent" ->
          requests.add(what.path("request").path("url").stringValue(""));
      case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
          complaints.add(what.toString());
      default -> {} // of no interest
    }
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
  }

  /** Puts messages together from their parts. */
  private final class Receiver implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
      parts.append(part);
      if (isLast) {
        receive(JSON.readTree(parts.toString()));
        parts.setLength(0);
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
