package assay.rm.judge;

import assay.rm.recipe.Suggestion;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads judge prompts: YAML with the keys of {@link JudgePrompt}. {@code kind}, {@code user} and
 * {@code verdict} are required; {@code answer} for a choice, {@code scale} for a rating.
 */
public final class JudgePromptFile {
  /** The prompts that come with the program. */
  public static final List<String> NAMES =
      List.of("pair", "mt-bench", "choice", "rating", "prometheus", "prometheus-pair");

  private static final List<String> KEYS =
      List.of("kind", "answers", "tie", "scale", "system", "user", "answer", "verdict", "opening");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{[a-z]+}");
  private static final int MAX_SCALE = 100;

  private final String source;
  private final Map<String, Object> keys = new LinkedHashMap<>();

  private JudgePromptFile(String source) {
    this.source = source;
  }

  /**
   * One of {@link #NAMES}, or a file.
   *
   * @throws InvalidInputException if there is neither, or the file is no prompt
   */
  public static JudgePrompt load(String nameOrFile) {
    if (NAMES.contains(nameOrFile)) {
      return shipped(nameOrFile);
    }
    Path file = Path.of(nameOrFile);
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          nameOrFile + ": is no file, and none of the prompts " + String.join(", ", NAMES));
    }
    try {
      return parse(nameOrFile, Files.readString(file));
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read: " + e, e);
    }
  }

  private static JudgePrompt shipped(String name) {
    try (InputStream in = JudgePromptFile.class.getResourceAsStream(name + ".yaml")) {
      return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param source names the text in messages
   */
  public static JudgePrompt parse(String source, String yaml) {
    JudgePromptFile file = new JudgePromptFile(source);
    LoadSettings settings = LoadSettings.builder().setLabel(source).build();
    try {
      if (!(new Load(settings).loadFromString(yaml) instanceof Map<?, ?> map)) {
        throw new InvalidInputException(source + ": expected keys and values");
      }
      map.forEach((key, value) -> file.put(String.valueOf(key), value));
    } catch (YamlEngineException e) {
      throw new InvalidInputException(source + ": not valid YAML: " + e.getMessage(), e);
    }
    return file.prompt();
  }

  private void put(String key, Object value) {
    if (!KEYS.contains(key)) {
      String hint =
          Suggestion.nearest(key, KEYS).map(near -> "; did you mean '" + near + "'?").orElse("");
      throw error(key, "is no key of a judge prompt" + hint);
    }
    keys.put(key, value);
  }

  private JudgePrompt prompt() {
    JudgePrompt.Kind kind =
        switch (required("kind")) {
          case "choice" -> JudgePrompt.Kind.CHOICE;
          case "rating" -> JudgePrompt.Kind.RATING;
          default -> throw error("kind", "expected choice or rating, found " + keys.get("kind"));
        };
    boolean choice = kind == JudgePrompt.Kind.CHOICE;
    for (String foreign : choice ? List.of("scale") : List.of("answers", "tie", "answer")) {
      if (keys.containsKey(foreign)) {
        throw error(foreign, "has no meaning in a prompt of kind " + keys.get("kind"));
      }
    }
    int numAnswers = choice ? numAnswers() : 1;
    List<Integer> scale = choice ? List.of(0, 0) : scale();
    String system = text("system", "");
    requirePlaceholders("system", system, List.of(), List.of("{verdicts}"));
    String user = required("user");
    List<String> shown = List.of("{question}", choice ? "{answers}" : "{answer}");
    requirePlaceholders("user", user, shown, shown);
    String answer = choice ? required("answer") : "";
    List<String> one = choice ? List.of("{letter}", "{answer}") : List.of();
    requirePlaceholders("answer", answer, one, one);
    String verdict = required("verdict");
    List<String> label = List.of(JudgePrompt.LABEL);
    requirePlaceholders("verdict", verdict, label, label);
    String opening = text("opening", verdict.substring(0, verdict.indexOf(JudgePrompt.LABEL)));
    String tie = keys.containsKey("tie") ? tie(numAnswers) : null;
    return new JudgePrompt(
        source,
        kind,
        numAnswers,
        system,
        user,
        answer,
        verdict,
        opening,
        tie,
        scale.getFirst(),
        scale.getLast());
  }

  private int numAnswers() {
    Object value = keys.getOrDefault("answers", 0);
    if (value instanceof Integer number && (number == 0 || number >= 2) && number <= 26) {
      return number;
    }
    throw error("answers", "expected how many answers are compared, 2 to 26, found " + value);
  }

  private String tie(int numAnswers) {
    String tie = required("tie");
    if (!tie.matches("[A-Z]") || numAnswers == 0 || tie.charAt(0) - 'A' < numAnswers) {
      throw error("tie", "expected a letter after those of the answers, found '" + tie + "'");
    }
    return tie;
  }

  private List<Integer> scale() {
    if (keys.get("scale") instanceof List<?> list
        && list.size() == 2
        && list.get(0) instanceof Integer lowest
        && list.get(1) instanceof Integer highest
        && 0 <= lowest
        && lowest < highest
        && highest <= MAX_SCALE) {
      return List.of(lowest, highest);
    }
    throw error(
        "scale",
        "expected the lowest and highest rating, such as [1, 10], found " + keys.get("scale"));
  }

  private void requirePlaceholders(
      String key, String text, List<String> needed, List<String> allowed) {
    for (String placeholder : needed) {
      if (!text.contains(placeholder)) {
        throw error(key, "has no " + placeholder);
      }
    }
    Matcher matcher = PLACEHOLDER.matcher(text);
    while (matcher.find()) {
      if (!allowed.contains(matcher.group())) {
        String known = allowed.isEmpty() ? "none" : String.join(", ", new TreeSet<>(allowed));
        throw error(key, "does not know " + matcher.group() + "; known here: " + known);
      }
    }
  }

  private String required(String key) {
    String value = text(key, null);
    if (value == null || value.isBlank()) {
      throw error(key, "is missing");
    }
    return value;
  }

  private String text(String key, String fallback) {
    Object value = keys.get(key);
    if (value != null && !(value instanceof String)) {
      throw error(key, "expected text, found " + value);
    }
    return value == null ? fallback : (String) value;
  }

  private InvalidInputException error(String key, String message) {
    return new InvalidInputException(source + ": " + key + ": " + message);
  }
}
