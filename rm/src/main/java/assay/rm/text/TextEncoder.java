package assay.rm.text;

import assay.rm.text.jinja.TemplateException;
import assay.tensor.InvalidInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The way from a conversation to what a model reads, as it was in training: the template's text,
 * the tokenizer's ids without any of its own additions, and BOS exactly once where the model has
 * one.
 *
 * <p>BOS is easily put twice: most templates print it, and most tokenizers add it again. Here it is
 * added only if the tokenizer would add one and the text does not begin with it.
 */
public final class TextEncoder implements ConversationEncoder, AutoCloseable {
  private final Tokenizer tokenizer;
  private final SpecialTokens specialTokens;
  private final Optional<ChatTemplate> template;
  private final LocalDate date;
  private final boolean today;
  private final int[] prefix; // of every text: BOS
  private final Optional<String> ending; // of every conversation

  private TextEncoder(
      Tokenizer tokenizer,
      SpecialTokens specialTokens,
      Optional<ChatTemplate> template,
      Optional<LocalDate> date) {
    this.tokenizer = tokenizer;
    this.specialTokens = specialTokens;
    this.template = template;
    this.today = date.isEmpty() && template.map(ChatTemplate::isDateDependent).orElse(false);
    this.date = date.orElseGet(() -> LocalDate.now(ZoneId.systemDefault()));
    this.prefix = tokenizer.prefix();
    this.ending = Optional.empty();
  }

  private TextEncoder(TextEncoder other, String ending) {
    this.tokenizer = other.tokenizer;
    this.specialTokens = other.specialTokens;
    this.template = other.template;
    this.today = other.today;
    this.date = other.date;
    this.prefix = new int[0];
    this.ending = Optional.of(ending);
  }

  /**
   * The same, and from now on its owner, but every conversation ends with the end-of-sequence
   * token, as OpenRLHF reads them: without line ends behind the last turn, and with a space before
   * the token where the template did not put it itself (github OpenRLHF, {@code
   * datasets/reward_dataset.py}). Texts are taken as they are. Nor is BOS put before either, if it
   * is not there.
   *
   * @throws InvalidInputException if the tokenizer names no such token
   */
  public TextEncoder endingWithEos() {
    String token = specialTokens.get("eos_token");
    if (token == null) {
      throw new InvalidInputException(
          tokenizer.file().resolveSibling("tokenizer_config.json")
              + ": names no eos_token, but OpenRLHF's reward models read it at the end");
    }
    return new TextEncoder(this, token);
  }

  /**
   * Loads the tokenizer and chat template of a model folder.
   *
   * @param date the day that a date-dependent template sees; if empty, today
   * @return empty if the folder has no {@code tokenizer.json}: such a model reads token ids only
   * @throws InvalidInputException if a file is broken
   */
  public static Optional<TextEncoder> load(Path folder, Optional<LocalDate> date) {
    if (!Files.exists(folder.resolve(Tokenizer.FILE))) {
      return Optional.empty();
    }
    Optional<ChatTemplate> template = ChatTemplate.load(folder);
    SpecialTokens specialTokens = SpecialTokens.load(folder);
    return Optional.of(new TextEncoder(Tokenizer.load(folder), specialTokens, template, date));
  }

  /**
   * As {@link #load(Path, Optional)}.
   *
   * @param endsWithEos whether conversations are to {@linkplain #endingWithEos end with EOS}
   */
  public static Optional<TextEncoder> load(
      Path folder, Optional<LocalDate> date, boolean endsWithEos) {
    Optional<TextEncoder> encoder = load(folder, date);
    try {
      return endsWithEos ? encoder.map(TextEncoder::endingWithEos) : encoder;
    } catch (InvalidInputException e) {
      encoder.ifPresent(TextEncoder::close);
      throw e;
    }
  }

  /**
   * What the model reads for a conversation, step by step.
   *
   * @param text as the template rendered it
   * @param ids of the tokens
   * @param tokens the same, as the vocabulary writes them
   * @param readAt index of the token at which the reward is read
   */
  public record Explanation(String text, int[] ids, List<String> tokens, int readAt) {}

  /** As {@link #encode}, with everything on the way to it. */
  public Explanation explain(List<Message> conversation) {
    return explain(render(conversation), encode(conversation));
  }

  /** As {@link #encodeText}, likewise. */
  public Explanation explainText(String text) {
    return explain(text, encodeText(text));
  }

  private Explanation explain(String text, int[] ids) {
    List<String> tokens = IntStream.of(ids).mapToObj(tokenizer::token).toList();
    return new Explanation(text, ids, tokens, ids.length - 1);
  }

  /**
   * The text of a conversation whose last turn is finished.
   *
   * @throws InvalidInputException if the template refuses it, or there is no template
   */
  public String render(List<Message> conversation) {
    String text = requireTemplate().text(conversation, false, date);
    return ending.map(token -> ended(text, token)).orElse(text);
  }

  private static String ended(String text, String token) {
    int length = text.length();
    while (length > 0 && text.charAt(length - 1) == '\n') {
      length--;
    }
    String kept = text.substring(0, length);
    return kept.endsWith(token) ? kept : kept + " " + token;
  }

  /**
   * The text of a conversation up to where the assistant is about to speak.
   *
   * @throws InvalidInputException if the template refuses it, or there is no template
   */
  public String renderForReply(List<Message> conversation) {
    return requireTemplate().text(conversation, true, date);
  }

  @Override
  public int[] encode(List<Message> conversation) {
    return encodeText(render(conversation));
  }

  /** As {@link #encodeText}, but never with BOS, not even where the text begins with it. */
  public int[] encodeWithoutBos(String text) {
    int[] ids = encodeText(text);
    return Arrays.copyOfRange(ids, prefix.length, ids.length);
  }

  @Override
  public int[] encodeText(String text) {
    int[] ids = withPrefix(tokenizer.encode(text, false));
    if (ids.length == 0) {
      throw new InvalidInputException("the text is empty: there is no token to read a reward at");
    }
    return ids;
  }

  private int[] withPrefix(int[] ids) {
    int length = prefix.length;
    if (ids.length >= length && Arrays.equals(ids, 0, length, prefix, 0, length)) {
      return ids;
    }
    int[] prefixed = Arrays.copyOf(prefix, length + ids.length);
    System.arraycopy(ids, 0, prefixed, length, ids.length);
    return prefixed;
  }

  private ChatTemplate requireTemplate() {
    return template.orElseThrow(
        () ->
            new InvalidInputException(
                tokenizer.file().resolveSibling("chat_template.jinja")
                    + ": is missing, so conversations cannot be rendered; put the template of the"
                    + " model's chat version there, or give texts"));
  }

  /**
   * The ids that the template's own text can consist of: no id of these may serve as padding, or
   * readers that look for the end of the text by its padding find it too early.
   */
  Set<Integer> templateIds() {
    Message system = new Message("system", "s");
    Message user = new Message("user", "u");
    Message assistant = new Message("assistant", "a");
    Set<Integer> ids = new HashSet<>();
    for (List<Message> conversation :
        List.of(
            List.of(user, assistant),
            List.of(system, user, assistant),
            List.of(user, assistant, user, assistant))) {
      for (boolean addGenerationPrompt : new boolean[] {false, true}) {
        if (template.isPresent()) {
          try {
            String text = template.get().text(conversation, addGenerationPrompt, date);
            IntStream.of(withPrefix(tokenizer.encode(text, false))).forEach(ids::add);
          } catch (TemplateException e) {
            if (e.reason() != TemplateException.Reason.REFUSED) {
              throw e;
            } // else a template without system turns: what it refuses, it does not print
          }
        }
      }
    }
    return ids;
  }

  /**
   * The pad token to save a model with.
   *
   * @param current the pad token of its config
   * @param endpoints the BOS and EOS ids of its config; those of the tokenizer are added to them
   * @param rows of its embedding
   */
  public PadToken padToken(OptionalInt current, Set<Integer> endpoints, int rows) {
    Set<Integer> all = new HashSet<>(endpoints);
    IntStream.of(tokenizer.prefix()).forEach(all::add);
    IntStream.of(tokenizer.suffix()).forEach(all::add);
    for (String name : List.of("bos_token", "eos_token")) {
      String token = specialTokens.get(name);
      if (token != null) {
        tokenizer.id(token).ifPresent(all::add);
      }
    }
    return PadToken.choose(
        new PadToken.Situation(
            current,
            all,
            templateIds(),
            tokenizer.specialTokens(),
            tokenizer.unreachableUnknown(),
            tokenizer.vocabularySize(),
            rows));
  }

  /**
   * The token that the tokenizer calls the end of a sequence; many chat models end turns with it.
   */
  public OptionalInt endOfSequence() {
    String token = specialTokens.get("eos_token");
    return token == null ? OptionalInt.empty() : tokenizer.id(token);
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Empty if the folder has none, as base models do. */
  public Optional<ChatTemplate> template() {
    return template;
  }

  /** SHA-256 of the template's source, for the contract. */
  public Optional<String> templateSha256() {
    return template.map(ChatTemplate::sha256);
  }

  /** The day that the template sees, as {@code 2026-11-23}; empty if it does not ask for one. */
  public Optional<String> templateDate() {
    return template.filter(ChatTemplate::isDateDependent).map(t -> date.toString());
  }

  /**
   * Whether the template sees a day that nobody has chosen, so that scores change from day to day.
   */
  public boolean usesToday() {
    return today;
  }

  /** Whether conversations end as OpenRLHF ends them, and not as the template does. */
  public boolean endsWithEos() {
    return ending.isPresent();
  }

  /** What is put once before every text, as text; empty if nothing is added. */
  public Optional<String> bosToken() {
    StringBuilder bos = new StringBuilder();
    IntStream.of(prefix).forEach(id -> bos.append(tokenizer.token(id)));
    return bos.isEmpty() ? Optional.empty() : Optional.of(bos.toString());
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
