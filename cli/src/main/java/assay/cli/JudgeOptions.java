package assay.cli;

import assay.rm.judge.ChatModel;
import assay.rm.judge.GeneratingJudge;
import assay.rm.judge.Judge;
import assay.rm.judge.JudgePromptFile;
import assay.rm.judge.LogitsJudge;
import assay.rm.judge.Question;
import assay.rm.judge.RemoteJudge;
import assay.rm.judge.RemoteJudge.Endpoint;
import assay.rm.judge.Reply;
import assay.rm.judge.RowJudge;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Who judges, and how: a model here or behind an API, by writing or by its logits. */
final class JudgeOptions {
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

  /** How a local model gives its verdict. */
  private enum Mode {
    generate,
    logits
  }

  @Option(
      names = "--mode",
      paramLabel = "generate|logits",
      description =
          "generate: the model writes, and the last verdict in it counts. logits: the reply is begun"
              + " for it, and the probability of each verdict is read. Default: generate.")
  private Mode mode = Mode.generate;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "The most tokens of a reply. Default: 512.")
  private int maxNewTokens = 512;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 writes the most probable reply. Default: 0.")
  private double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw from the most probable tokens, up to this sum. Default: 1.")
  private double topP = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of what is drawn, and of the order of three answers or more. Default: 42.")
  private long seed = 42;

  @Option(
      names = "--api",
      paramLabel = "URL",
      description = "Ask an OpenAI-compatible server, such as http://localhost:8000/v1.")
  private URI api;

  @Option(
      names = "--api-model",
      paramLabel = "NAME",
      description = "The server's name of the model.")
  private String apiModel;

  @Option(
      names = "--api-key-variable",
      paramLabel = "NAME",
      description = "The environment variable that holds the key. Default: OPENAI_API_KEY.")
  private String apiKeyVariable = "OPENAI_API_KEY";

  @Option(
      names = "--api-retries",
      paramLabel = "N",
      description = "Further tries of a question that failed for a passing reason. Default: 6.")
  private int apiRetries = 6;

  @Option(
      names = "--api-timeout",
      paramLabel = "SECONDS",
      description = "How long one try may take. Default: 180.")
  private int apiTimeout = 180;

  @Option(
      names = "--prompt",
      paramLabel = "NAME|FILE",
      description =
          "What is asked: pair, mt-bench, choice, rating, prometheus, prometheus-pair, or a YAML"
              + " file. Default: pair for two answers, choice for more, rating for one.")
  private String prompt;

  boolean isRemote() {
    return api != null;
  }

  /** Puts rows before a judge, as these options say. */
  RowJudge rowJudge(Judge judge) {
    return new RowJudge(judge, Optional.ofNullable(prompt).map(JudgePromptFile::load), seed);
  }

  /** The judge's name: a folder or hub id, or what a server calls it. */
  String name(ModelOptions models) {
    return isRemote() ? apiModel : models.model();
  }

  /** All that verdicts depend on beside the model's files, for a record of what was asked. */
  String describe(RowJudge rows) {
    String how =
        mode == Mode.logits
            ? "logits"
            : "generate, %d tokens, temperature %s, top-p %s%s"
                .formatted(
                    maxNewTokens,
                    temperature,
                    topP,
                    isRemote() ? ", %s at %s".formatted(apiModel, api) : "");
    return "%s, seed %d, prompts %s".formatted(how, seed, rows.prompts());
  }

  /** Refuses what does not fit together, before anything is loaded. */
  void check(ModelOptions models) {
    Optional.ofNullable(prompt).ifPresent(JudgePromptFile::load);
    require(maxNewTokens >= 1, "--max-new-tokens: " + maxNewTokens + ", expected 1 or more");
    require(temperature >= 0, "--temperature: " + temperature + ", expected 0 or more");
    require(topP > 0 && topP <= 1, "--top-p: " + topP + ", expected more than 0, at most 1");
    require(apiRetries >= 0 && apiRetries <= 10, "--api-retries: expected 0 to 10");
    require(apiTimeout >= 1, "--api-timeout: expected 1 or more");
    if (!isRemote()) {
      models.model();
      return;
    }
    require(!models.isModelGiven(), "--model and --api: give one of them");
    require(apiModel != null, "--api: needs --api-model, the server's name of the model");
    require(
        "http".equals(api.getScheme()) || "https".equals(api.getScheme()),
        "--api: expected a URL such as http://localhost:8000/v1, found " + api);
    require(
        mode == Mode.generate,
        "--mode logits: a server does not show the probability of every verdict; use --model");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new InvalidInputException(message);
    }
  }

  /** The judge; closing it closes all that was opened for it. */
  Judge open(ModelOptions models, PrintWriter err) {
    if (isRemote()) {
      return remote();
    }
    Device device = models.openDevice();
    try {
      return new OnDevice(local(models, device, err), device);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /** A local judge, and the device that was opened for it. */
  private record OnDevice(Judge judge, Device device) implements Judge {
    @Override
    public List<Reply> ask(List<Question> questions) {
      return judge.ask(questions);
    }

    @Override
    public Optional<String> templateDate() {
      return judge.templateDate();
    }

    @Override
    public void close() {
      judge.close();
      device.close();
    }
  }

  private Judge remote() {
    Optional<String> key = Optional.ofNullable(System.getenv(apiKeyVariable));
    Duration timeout = Duration.ofSeconds(apiTimeout);
    Endpoint endpoint = new Endpoint(api, apiModel, key, apiRetries, FIRST_WAIT, timeout);
    return new RemoteJudge(endpoint, maxNewTokens, temperature, topP);
  }

  private Judge local(ModelOptions models, Device device, PrintWriter err) {
    ChatModel model = models.loadChatModel(device);
    if (!model.takesSystemTurns()) {
      err.println("the chat template has no system turn; its text stands before the user's");
    }
    return switch (mode) {
      case generate -> new GeneratingJudge(model, maxNewTokens, temperature, topP);
      case logits -> new LogitsJudge(model);
    };
  }
}
