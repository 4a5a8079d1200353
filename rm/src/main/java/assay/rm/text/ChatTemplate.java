package assay.rm.text;

import assay.rm.text.jinja.Template;
import assay.rm.text.jinja.TemplateException;
import assay.rm.text.jinja.Value;
import assay.tensor.InvalidInputException;
import assay.tensor.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The text that a model was trained to see for a conversation: its turns with the model's own
 * markers around them, rendered as transformers renders them.
 */
public final class ChatTemplate {
  /**
   * What datasets call the text a model thinks before it answers; the first is the name of today.
   */
  private static final List<String> REASONING =
      List.of("reasoning_content", "thinking", "reasoning");

  private final String source;
  private final SpecialTokens specialTokens;
  private final Template template;

  /**
   * @throws TemplateException if the source is not well formed
   */
  public ChatTemplate(String source, SpecialTokens specialTokens) {
    this.source = source;
    this.specialTokens = specialTokens;
    this.template = Template.parse(source);
  }

  /**
   * The template of a model folder: {@code chat_template.jinja}, else {@code chat_template} in
   * {@code tokenizer_config.json}, where of several named ones {@code default} is taken.
   *
   * @return empty if the folder has none, as base models do
   * @throws InvalidInputException if it is not well formed
   */
  public static Optional<ChatTemplate> load(Path folder) {
    SpecialTokens specialTokens = SpecialTokens.load(folder);
    Path file = folder.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      return Optional.of(parse(file, JsonFile.readText(file), specialTokens));
    }
    Path config = folder.resolve("tokenizer_config.json");
    return switch (JsonFile.readIfPresent(config).get("chat_template")) {
      case null -> Optional.empty();
      case String source -> Optional.of(parse(config, source, specialTokens));
      case List<?> named -> Optional.of(parse(config, defaultOf(config, named), specialTokens));
      default ->
          throw new InvalidInputException(
              config + ": 'chat_template' must be a string or a list of named templates");
    };
  }

  private static ChatTemplate parse(Path file, String source, SpecialTokens specialTokens) {
    try {
      return new ChatTemplate(source, specialTokens);
    } catch (TemplateException e) {
      throw new InvalidInputException(file + ": " + e.getMessage(), e);
    }
  }

  private static String defaultOf(Path config, List<?> templates) {
    for (Object entry : templates) {
      if (entry instanceof Map<?, ?> named
          && "default".equals(named.get("name"))
          && named.get("template") instanceof String source) {
        return source;
      }
    }
    throw new InvalidInputException(
        config + ": none of the templates in 'chat_template' is named 'default'");
  }

  /** As {@link #render(List, boolean, LocalDate)}, for those who need no spans. */
  public String text(List<Message> conversation, boolean addGenerationPrompt, LocalDate date) {
    return render(conversation, addGenerationPrompt, date).text();
  }

  /**
   * Renders a conversation.
   *
   * @param addGenerationPrompt whether to end with the header of a turn that the assistant is about
   *     to take; a reward is read after a finished turn, so without
   * @param date the day that the template sees if it {@linkplain #isDateDependent asks for one}
   * @return the text, and what of it stands in <code>{% generation %}</code> blocks
   * @throws InvalidInputException if the template refuses the conversation
   */
  public Template.Rendering render(
      List<Message> conversation, boolean addGenerationPrompt, LocalDate date) {
    return render(conversation, null, addGenerationPrompt, date);
  }

  /**
   * As {@link #render(List, boolean, LocalDate)}, for a conversation in which tools are offered.
   *
   * @param tools their descriptions as JSON values, or null
   */
  public Template.Rendering render(
      List<Message> conversation, List<?> tools, boolean addGenerationPrompt, LocalDate date) {
    if (conversation.isEmpty()) {
      throw new InvalidInputException("a conversation needs at least one message");
    }
    List<Object> messages = new ArrayList<>();
    for (Message message : conversation) {
      messages.add(fields(message));
    }
    Map<String, Value> variables = new HashMap<>();
    specialTokens.byName().forEach((name, token) -> variables.put(name, Value.of(token)));
    variables.put("messages", Value.of(messages));
    variables.put("add_generation_prompt", Value.of(addGenerationPrompt));
    variables.put("tools", Value.of(tools));
    variables.put("documents", Value.of(null));
    return template.render(variables, date);
  }

  /** A message as templates expect it: no field is null, and reasoning goes by every name. */
  private static Map<String, Object> fields(Message message) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("role", message.role());
    fields.put("content", message.content());
    fields.putAll(message.extra());
    fields.values().removeIf(Objects::isNull);
    Optional<Object> reasoning =
        REASONING.stream().map(fields::get).filter(Objects::nonNull).findFirst();
    if (reasoning.isEmpty()) {
      return fields;
    }
    Map<String, Object> aliased = new LinkedHashMap<>();
    aliased.put("thinking", reasoning.get());
    aliased.putAll(fields);
    aliased.put("reasoning_content", reasoning.get());
    return aliased;
  }

  /** The template as its file has it. */
  public String source() {
    return source;
  }

  public SpecialTokens specialTokens() {
    return specialTokens;
  }

  /**
   * Whether the text depends on the day it is rendered. Such a model scores the same conversation
   * differently tomorrow, unless the day is kept with it.
   *
   * <p>A template that reads {@code date_string} alone does not depend on the day: transformers
   * leaves that variable undefined, and so do we, and the template then falls back on a day of its
   * own.
   */
  public boolean isDateDependent() {
    return template.reads("strftime_now");
  }

  /** SHA-256 of the source in UTF-8, in hexadecimal: what a checkpoint's contract is held to. */
  public String sha256() {
    byte[] digest = Sha256.begin().digest(source.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest);
  }
}
