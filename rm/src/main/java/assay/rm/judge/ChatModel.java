package assay.rm.judge;

import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ModelFolder;
import assay.nn.generation.LanguageModel;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A language model that can be talked to: weights, tokenizer, chat template, and the tokens at
 * which its turns end.
 */
public final class ChatModel implements AutoCloseable {
  private static final String GENERATION_FILE = "generation_config.json";

  private final LanguageModel model;
  private final TextEncoder encoder;
  private final Set<Integer> stopTokens;
  private final boolean takesSystemTurns;

  private ChatModel(LanguageModel model, TextEncoder encoder, Set<Integer> stopTokens) {
    this.model = model;
    this.encoder = encoder;
    this.stopTokens = stopTokens;
    takesSystemTurns = takesSystemTurns(encoder);
  }

  /**
   * Loads a model.
   *
   * @param name a folder in Hugging Face layout, or a hub id in the local cache
   * @param device stays the caller's
   * @param dtype what to compute in: F32, or on a GPU BF16
   * @param templateDate the day that a date-dependent template sees; if empty, today
   * @throws InvalidInputException if it is no causal language model, or has no tokenizer or no chat
   *     template
   */
  public static ChatModel load(
      String name, Device device, DType dtype, Optional<LocalDate> templateDate) {
    Path folder = ModelFolder.resolve(name);
    TextEncoder encoder =
        TextEncoder.load(folder, templateDate)
            .orElseThrow(
                () -> new InvalidInputException(folder + ": has no tokenizer.json; a judge reads"));
    LanguageModel model = null;
    try {
      encoder.renderForReply(List.of(new Message("user", "u"))); // there must be a template
      Set<Integer> stopTokens = stopTokens(folder, encoder);
      model = LanguageModel.load(folder, device, dtype);
      return new ChatModel(model, encoder, stopTokens);
    } catch (RuntimeException e) {
      encoder.close();
      if (model != null) {
        model.close();
      }
      throw e;
    }
  }

  /** Of config.json, generation_config.json and the tokenizer: they often name different ones. */
  private static Set<Integer> stopTokens(Path folder, TextEncoder encoder) {
    Set<Integer> ids = new TreeSet<>(ModelConfig.read(folder).eosTokenIds());
    Path file = folder.resolve(GENERATION_FILE);
    if (Files.exists(file)) {
      try {
        JsonNode eos = JsonMapper.shared().readTree(Files.readString(file)).path("eos_token_id");
        if (eos.isIntegralNumber()) {
          ids.add(eos.intValue());
        }
        eos.values().stream()
            .filter(JsonNode::isIntegralNumber)
            .forEach(id -> ids.add(id.intValue()));
      } catch (IOException | JacksonException e) {
        throw new InvalidInputException(file + ": cannot be read: " + e.getMessage(), e);
      }
    }
    encoder.endOfSequence().ifPresent(ids::add);
    return ids;
  }

  private static boolean takesSystemTurns(TextEncoder encoder) {
    try {
      String mark = "a system turn";
      List<Message> turns = List.of(new Message("system", mark), new Message("user", "u"));
      return encoder.renderForReply(turns).contains(mark);
    } catch (InvalidInputException _) {
      return false; // Gemma's templates refuse them
    }
  }

  /**
   * Whether the chat template has a place for a system turn. Where it has none, that text stands
   * before the user's, as the authors of such templates recommend.
   */
  public boolean takesSystemTurns() {
    return takesSystemTurns;
  }

  /** The day that the chat template sees; empty if it asks for none. */
  Optional<String> templateDate() {
    return encoder.templateDate();
  }

  /** What the model reads before it replies. */
  String render(List<Message> conversation) {
    List<Message> turns = new ArrayList<>(conversation);
    if (!takesSystemTurns && turns.size() > 1 && turns.getFirst().role().equals("system")) {
      String system = turns.removeFirst().content();
      String user = turns.removeFirst().content();
      turns.addFirst(new Message("user", system + "\n\n" + user));
    }
    return encoder.renderForReply(turns);
  }

  int[] encode(String rendered) {
    return encoder.encodeText(rendered);
  }

  /** What the model wrote, without the marks of its vocabulary. */
  String decode(int[] ids) {
    return ids.length == 0 ? "" : encoder.tokenizer().decode(ids);
  }

  /** A turn of the model ends before the first of these. */
  Set<Integer> stopTokens() {
    return stopTokens;
  }

  /** The most tokens that the model reads. */
  int maxTokens() {
    return model.trunk().config().maxPositionEmbeddings();
  }

  LanguageModel model() {
    return model;
  }

  @Override
  public void close() {
    encoder.close();
    model.close();
  }
}
