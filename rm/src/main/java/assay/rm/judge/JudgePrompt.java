package assay.rm.judge;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import assay.tensor.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a judge is asked, as a file says it ({@link JudgePromptFile}).
 *
 * @param name for messages
 * @param kind which verdicts it asks for
 * @param numAnswers how many answers it shows; 0 for any number of two or more
 * @param system the system turn; may be empty
 * @param user the user turn, with {@code {question}} and {@code {answers}} or {@code {answer}}
 * @param answer how one of several answers is shown, with {@code {letter}} and {@code {answer}}
 * @param verdict its form, with {@code {verdict}} for the label
 * @param opening of a reply that is nothing but the verdict, up to the label
 * @param tie the label of a tie, or null
 * @param lowest rating
 * @param highest rating
 */
public record JudgePrompt(
    String name,
    Kind kind,
    int numAnswers,
    String system,
    String user,
    String answer,
    String verdict,
    String opening,
    String tie,
    int lowest,
    int highest) {
  /** Letters for answers. */
  public static final int MAX_ANSWERS = 26;

  static final String LABEL = "{verdict}";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{[a-z]+}");

  /** Which verdicts a prompt asks for. */
  public enum Kind {
    /** The best of several answers. */
    CHOICE,
    /** How good one answer is. */
    RATING
  }

  /** The name, and so much of the text's SHA-256 that another text has another. */
  public String fingerprint() {
    byte[] hash = Sha256.begin().digest(toString().getBytes(StandardCharsets.UTF_8));
    return name + " " + HexFormat.of().formatHex(hash, 0, 8);
  }

  /**
   * Asks which of several answers is the best.
   *
   * @param context the conversation up to the answers
   * @param answers in the order in which they are shown
   * @throws InvalidInputException if this prompt cannot show so many
   */
  public Question compare(List<Message> context, List<String> answers, long seed) {
    boolean fits = numAnswers == 0 ? answers.size() >= 2 : answers.size() == numAnswers;
    if (!fits || answers.size() > MAX_ANSWERS) {
      throw new InvalidInputException(
          "the prompt '%s' compares %s answers; there are %d"
              .formatted(name, numAnswers == 0 ? "2 to 26" : numAnswers, answers.size()));
    }
    VerdictForm form = VerdictForm.choice(before(), after(), opening, answers.size(), tie);
    StringJoiner shown = new StringJoiner("\n\n");
    for (int i = 0; i < answers.size(); i++) {
      shown.add(
          fill(answer, Map.of("{letter}", VerdictForm.letter(i), "{answer}", answers.get(i))));
    }
    return question(
        Map.of("{question}", describe(context), "{answers}", shown.toString()), form, seed);
  }

  /** Asks how good an answer is. */
  public Question rate(List<Message> context, String text, long seed) {
    VerdictForm form = VerdictForm.rating(before(), after(), opening, lowest, highest);
    return question(Map.of("{question}", describe(context), "{answer}", text), form, seed);
  }

  private Question question(Map<String, String> values, VerdictForm form, long seed) {
    List<Message> turns = new ArrayList<>();
    if (!system.isEmpty()) {
      turns.add(new Message("system", fill(system, Map.of("{verdicts}", verdicts(form)))));
    }
    turns.add(new Message("user", fill(user, values)));
    return new Question(turns, form, seed);
  }

  /** For example {@code [[A]], [[B]] or [[C]]}. */
  private String verdicts(VerdictForm form) {
    List<String> all = form.labels().stream().map(label -> verdict.replace(LABEL, label)).toList();
    return String.join(", ", all.subList(0, all.size() - 1)) + " or " + all.getLast();
  }

  private String before() {
    return verdict.substring(0, verdict.indexOf(LABEL));
  }

  private String after() {
    return verdict.substring(verdict.indexOf(LABEL) + LABEL.length());
  }

  /** In one pass: what an answer says is never taken for a placeholder. */
  private static String fill(String template, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(template)
        .replaceAll(
            match -> Matcher.quoteReplacement(values.getOrDefault(match.group(), match.group())));
  }

  /** One user turn as it is; several turns each under its role. */
  private static String describe(List<Message> context) {
    if (context.size() == 1 && context.getFirst().role().equals("user")) {
      return context.getFirst().content();
    }
    StringJoiner text = new StringJoiner("\n\n");
    for (Message turn : context) {
      text.add("<" + turn.role() + ">\n" + turn.content());
    }
    return text.toString();
  }
}
