package assay.rm;

import assay.rm.data.Judgement;
import assay.rm.recipe.StepOptions;
import assay.rm.text.ComparisonEncoder;
import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.rm.text.Message;
import assay.rm.text.TextEncoder;
import assay.rm.tree.DecisionTree;
import assay.rm.tree.TreeJson;
import assay.tensor.DType;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * assay.json: how a reward model wants to be read. A score depends on the template, its date, the
 * BOS rule, the truncation and the token it is read at as much as on the weights; another reading
 * gives other numbers without any error. So they are written down with the model, together with a
 * few texts and the rewards they had, which are computed again whenever the model is loaded.
 *
 * @param method the kind of reward model, as in a recipe
 * @param reading where a text is read, and for what
 * @param templateSha256 of the chat template's source; empty without a template
 * @param templateDate the day that a date-dependent template was rendered with; empty if it has
 *     none
 * @param bosToken put once before every text; empty if the tokenizer adds none
 * @param endsWithEos whether conversations end as OpenRLHF ends them ({@link
 *     TextEncoder#endingWithEos}); else as the template does
 * @param maxLength the longest side in training, in tokens
 * @param tooLong what became of longer ones, as in a recipe
 * @param rewardMean of the rewards on the held-out pairs (or, without them, of the last batch)
 * @param rewardStandardDeviation likewise
 * @param precision what the trunk was trained in, and the probes' rewards were computed in
 */
public record Contract(
    String method,
    Reading reading,
    Optional<String> templateSha256,
    Optional<String> templateDate,
    Optional<String> bosToken,
    boolean endsWithEos,
    int maxLength,
    String tooLong,
    double rewardMean,
    double rewardStandardDeviation,
    DType precision,
    List<Probe> probes) {
  /** The file's name in a model folder. */
  public static final String FILE = "assay.json";

  private static final int FORMAT = 1;
  private static final String TEMPLATE_ENDING = "as the template has it";
  private static final String EOS_ENDING = "at the end of every conversation, as OpenRLHF has it";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Where a text is read, and for what. */
  public sealed interface Reading {
    /** The name of the place in assay.json. */
    String readAt();
  }

  /** At its last token, for a reward. */
  public record LastToken() implements Reading {
    static final String READ_AT = "last_token";

    @Override
    public String readAt() {
      return READ_AT;
    }
  }

  /**
   * At its last token, for what several heads say; the reward is their weighted sum.
   *
   * @param names of the heads, in the order of the model's outputs
   * @param weights how much each counts
   */
  public record Heads(List<String> names, List<Double> weights) implements Reading {
    public Heads {
      names = List.copyOf(names);
      weights = List.copyOf(weights);
    }

    @Override
    public String readAt() {
      return LastToken.READ_AT;
    }

    double[] weightArray() {
      return weights.stream().mapToDouble(weight -> weight).toArray();
    }

    /** Rewards, and what each head said. */
    Judgement judge(double[][] outputs) {
      double[] rewards = Arrays.stream(outputs).mapToDouble(output -> output[0]).toArray();
      return new Judgement.Rewards(rewards, explain(outputs));
    }

    /** What each head said of each answer. */
    List<Judgement.Explanation> explain(double[][] outputs) {
      List<Judgement.Explanation> explanations = new ArrayList<>();
      for (double[] output : outputs) {
        Map<String, Double> each = new LinkedHashMap<>();
        for (int k = 0; k < names.size(); k++) {
          each.put(names.get(k), output[1 + k]);
        }
        explanations.add(new Judgement.Explanation(each, Map.of()));
      }
      return explanations;
    }
  }

  /** At its last token, for what several heads say of it; a tree compares what they say of two. */
  public record Compared(Heads heads, DecisionTree tree) implements Reading {
    @Override
    public String readAt() {
      return LastToken.READ_AT;
    }
  }

  /** At its last token, for rewards, and at the gate's, which says how much each counts. */
  public record Gated(GatePattern pattern, List<String> objectives) implements Reading {
    @Override
    public String readAt() {
      return LastToken.READ_AT;
    }
  }

  /**
   * Where the verdict on each step is about to come, for the logits of two tokens.
   *
   * @param tokens of + and -
   * @param whole whether an answer is one step
   * @param over how the verdicts become one reward
   */
  public record Verdict(AnswerTokens tokens, boolean whole, StepOptions.Over over)
      implements Reading {
    static final String READ_AT = "verdict";

    @Override
    public String readAt() {
      return READ_AT;
    }
  }

  /** Where the answer to a comparison is about to come, for the logits of two tokens. */
  public record Answer(ComparisonEncoder.Position position, AnswerTokens tokens)
      implements Reading {
    @Override
    public String readAt() {
      return position.name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A text and the score it must have.
   *
   * @param conversation empty for a model without tokenizer files
   * @param ids its tokens
   */
  public record Probe(List<Message> conversation, int[] ids, double reward) {}

  /**
   * Reads a model folder's contract.
   *
   * @return empty if the folder has none: a checkpoint from elsewhere
   */
  public static Optional<Contract> read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse(JSON.readTree(Files.readString(file)), file));
    } catch (JacksonException | IOException e) {
      throw new InvalidInputException(file + ": is not JSON: " + e.getMessage(), e);
    }
  }

  private static Contract parse(JsonNode json, Path file) {
    int format = json.path("format").asInt(0);
    if (format != FORMAT) {
      throw new InvalidInputException(
          file + ": format is " + format + ", but this program reads format " + FORMAT);
    }
    List<Probe> probes = new ArrayList<>();
    for (JsonNode probe : json.path("probes")) {
      probes.add(parseProbe(probe));
    }
    JsonNode text = json.path("text");
    return new Contract(
        json.path("method").asString(""),
        parseReading(json, file),
        optional(text.path("template_sha256")),
        optional(text.path("template_date")),
        optional(text.path("bos_token")),
        parseEnding(text.path("eos"), file),
        json.path("max_length").asInt(0),
        json.path("too_long").asString(""),
        json.path("reward_mean").asDouble(0),
        json.path("reward_std").asDouble(1),
        json.path("precision").asString("fp32").equals("bf16") ? DType.BF16 : DType.F32,
        probes);
  }

  private static boolean parseEnding(JsonNode eos, Path file) {
    String ending = eos.asString(TEMPLATE_ENDING);
    if (!List.of(TEMPLATE_ENDING, EOS_ENDING).contains(ending)) {
      throw new InvalidInputException(
          "%s: text.eos is '%s'; expected '%s' or '%s'"
              .formatted(file, ending, TEMPLATE_ENDING, EOS_ENDING));
    }
    return ending.equals(EOS_ENDING);
  }

  private static Reading parseReading(JsonNode json, Path file) {
    String readAt = json.path("read_at").asString("");
    String method = json.path("method").asString("");
    if (readAt.equals(LastToken.READ_AT) && method.equals(BradleyTerry.NAME)) {
      return new LastToken();
    }
    if (readAt.equals(LastToken.READ_AT) && method.equals(ArmoRm.NAME)) {
      return parseGated(json, file);
    }
    if (readAt.equals(LastToken.READ_AT) && List.of(Odin.NAME, Regression.NAME).contains(method)) {
      return parseHeads(json, file);
    }
    if (readAt.equals(LastToken.READ_AT) && method.equals(DecisionTreeReward.NAME)) {
      Heads heads = parseHeads(json, file);
      return new Compared(heads, TreeJson.parse(json.path("tree"), heads.names(), file + ": tree"));
    }
    boolean whole = method.equals(StepReward.OUTCOME);
    if (readAt.equals(Verdict.READ_AT) && (whole || method.equals(StepReward.PROCESS))) {
      return parseVerdict(json, whole, file);
    }
    for (ComparisonEncoder.Position position : ComparisonEncoder.Position.values()) {
      JsonNode tokens = json.path("answer_tokens");
      Answer answer =
          new Answer(
              position, new AnswerTokens(tokens.path("A").asInt(-1), tokens.path("B").asInt(-1)));
      boolean complete = answer.tokens().a() >= 0 && answer.tokens().b() >= 0;
      if (readAt.equals(answer.readAt()) && method.equals(PairwisePreference.NAME) && complete) {
        return answer;
      }
    }
    throw new InvalidInputException(
        file
            + ": method is '"
            + method
            + "' and read_at is '"
            + readAt
            + "'; expected bradley-terry, odin, regression, decision-tree or armorm and last_token, process-reward or"
            + " outcome-reward and verdict, or pairwise-preference,"
            + " generation_prompt or user_turn, and answer_tokens {\"A\": id, \"B\": id}");
  }

  private static Heads parseHeads(JsonNode json, Path file) {
    List<String> names = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (Map.Entry<String, JsonNode> head : json.path("heads").properties()) {
      names.add(head.getKey());
      weights.add(head.getValue().asDouble(Double.NaN));
    }
    if (names.isEmpty() || weights.contains(Double.NaN)) {
      throw new InvalidInputException(
          file + ": heads: expected the name of each head, and how much it counts");
    }
    return new Heads(names, weights);
  }

  private static Verdict parseVerdict(JsonNode json, boolean whole, Path file) {
    JsonNode tokens = json.path("verdict_tokens");
    AnswerTokens ids = new AnswerTokens(tokens.path("+").asInt(-1), tokens.path("-").asInt(-1));
    String over = json.path("reward").asString("");
    for (StepOptions.Over each : StepOptions.Over.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(over) && ids.a() >= 0 && ids.b() >= 0) {
        return new Verdict(ids, whole, each);
      }
    }
    throw new InvalidInputException(
        file + ": expected verdict_tokens {\"+\": id, \"-\": id}, and reward mean or min");
  }

  private static Gated parseGated(JsonNode json, Path file) {
    List<Integer> pattern = new ArrayList<>();
    json.path("gating_token_pattern").forEach(id -> pattern.add(id.asInt(-1)));
    List<String> objectives = new ArrayList<>();
    json.path("objectives").forEach(name -> objectives.add(name.asString("")));
    if (pattern.isEmpty() || objectives.isEmpty()) {
      throw new InvalidInputException(
          file + ": method is 'armorm'; expected lists gating_token_pattern and objectives");
    }
    return new Gated(new GatePattern(pattern), objectives);
  }

  private static Probe parseProbe(JsonNode probe) {
    List<Message> conversation = new ArrayList<>();
    for (JsonNode message : probe.path("messages")) {
      conversation.add(
          new Message(message.path("role").asString(""), message.path("content").asString("")));
    }
    int[] ids = new int[probe.path("input_ids").size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = probe.path("input_ids").get(i).asInt();
    }
    return new Probe(conversation, ids, probe.path("reward").asDouble(Double.NaN));
  }

  private static Optional<String> optional(JsonNode node) {
    return node.isString() ? Optional.of(node.asString()) : Optional.empty();
  }

  /** Writes assay.json into a folder. */
  public void write(Path folder) {
    Map<String, Object> text = new LinkedHashMap<>();
    text.put("template_sha256", templateSha256.orElse(null));
    text.put("template_date", templateDate.orElse(null));
    text.put("bos_token", bosToken.orElse(null));
    text.put("eos", endsWithEos ? EOS_ENDING : TEMPLATE_ENDING);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", FORMAT);
    fields.put("method", method);
    fields.put("text", text);
    fields.put("read_at", reading.readAt());
    switch (reading) {
      case LastToken _ -> {}
      case Answer(ComparisonEncoder.Position _, AnswerTokens(int a, int b)) -> {
        Map<String, Object> tokens = new LinkedHashMap<>();
        tokens.put("A", a);
        tokens.put("B", b);
        fields.put("answer_tokens", tokens);
      }
      case Verdict(AnswerTokens(int good, int bad), boolean _, StepOptions.Over over) -> {
        Map<String, Object> tokens = new LinkedHashMap<>();
        tokens.put("+", good);
        tokens.put("-", bad);
        fields.put("verdict_tokens", tokens);
        fields.put("reward", over.name().toLowerCase(Locale.ROOT));
      }
      case Heads heads -> fields.put("heads", toJson(heads));
      case Compared(Heads heads, DecisionTree tree) -> {
        fields.put("heads", toJson(heads));
        fields.put("tree", TreeJson.of(tree));
      }
      case Gated(GatePattern pattern, List<String> objectives) -> {
        fields.put("gating_token_pattern", pattern.tokens());
        fields.put("objectives", objectives);
      }
    }
    fields.put("max_length", maxLength);
    fields.put("too_long", tooLong);
    fields.put("reward_mean", rewardMean);
    fields.put("reward_std", rewardStandardDeviation);
    fields.put("precision", precision == DType.BF16 ? "bf16" : "fp32");
    fields.put("probes", probes.stream().map(Contract::toJson).toList());
    try {
      Files.writeString(folder.resolve(FILE), JSON.writeValueAsString(fields) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(folder.resolve(FILE) + " cannot be written", e);
    }
  }

  private static Map<String, Object> toJson(Heads heads) {
    Map<String, Object> fields = new LinkedHashMap<>();
    for (int k = 0; k < heads.names().size(); k++) {
      fields.put(heads.names().get(k), heads.weights().get(k));
    }
    return fields;
  }

  private static Map<String, Object> toJson(Probe probe) {
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Message message : probe.conversation()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("role", message.role());
      fields.put("content", message.content());
      messages.add(fields);
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("messages", messages);
    fields.put("input_ids", probe.ids());
    fields.put("reward", probe.reward());
    return fields;
  }
}
