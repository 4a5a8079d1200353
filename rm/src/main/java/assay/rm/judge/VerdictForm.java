package assay.rm.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * How a verdict is written, such as {@code [[A]]} or {@code [RESULT] 4}, and which there are.
 *
 * @param before what stands before the label
 * @param after what stands after it; may be empty
 * @param opening what the reply begins with if the label is its first word, to be read from the
 *     model's logits
 * @param labels letters for answers in the order shown, then one for a tie; or the ratings
 * @param verdicts what each label means
 */
public record VerdictForm(
    String before, String after, String opening, List<String> labels, List<Verdict> verdicts) {
  private static final String LABEL = "\\s*([A-Za-z]+|\\d+(?:\\.\\d+)?)\\s*";

  public VerdictForm {
    labels = List.copyOf(labels);
    verdicts = List.copyOf(verdicts);
  }

  /** Verdicts A, B, ... on so many answers, and one for a tie, unless it is null. */
  static VerdictForm choice(
      String before, String after, String opening, int numAnswers, String tie) {
    List<String> labels = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < numAnswers; i++) {
      labels.add(letter(i));
      verdicts.add(new Verdict.Choice(i));
    }
    if (tie != null) {
      labels.add(tie);
      verdicts.add(new Verdict.Tie());
    }
    return new VerdictForm(before, after, opening, labels, verdicts);
  }

  /** Verdicts that are whole numbers. */
  static VerdictForm rating(String before, String after, String opening, int lowest, int highest) {
    int[] values = IntStream.rangeClosed(lowest, highest).toArray();
    List<String> labels = IntStream.of(values).mapToObj(Integer::toString).toList();
    List<Verdict> verdicts =
        IntStream.of(values).mapToObj(value -> (Verdict) new Verdict.Rating(value)).toList();
    return new VerdictForm(before, after, opening, labels, verdicts);
  }

  /** A for the first answer, B for the second. */
  static String letter(int position) {
    return Character.toString('A' + position);
  }

  /**
   * The last verdict in a reply. The last, because a reply that thinks aloud may quote the form, or
   * change its mind. If the last thing of this form is no label, that is not a verdict, and nothing
   * before it is.
   */
  public Verdict parse(String reply) {
    String label = null;
    Matcher matcher =
        Pattern.compile(Pattern.quote(before.strip()) + LABEL + Pattern.quote(after.strip()))
            .matcher(reply);
    while (matcher.find()) {
      label = matcher.group(1);
    }
    return label == null ? new Verdict.Unparsable() : meaning(label);
  }

  private Verdict meaning(String label) {
    int index = labels.indexOf(label);
    if (index >= 0) {
      return verdicts.get(index);
    }
    if (verdicts.getFirst() instanceof Verdict.Rating(double lowest)
        && verdicts.getLast() instanceof Verdict.Rating(double highest)
        && Character.isDigit(label.charAt(0))) {
      double value = Double.parseDouble(label); // 7.5 on a scale of whole numbers
      return value >= lowest && value <= highest
          ? new Verdict.Rating(value)
          : new Verdict.Unparsable();
    }
    return new Verdict.Unparsable();
  }
}
