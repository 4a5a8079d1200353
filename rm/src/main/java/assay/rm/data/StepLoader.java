package assay.rm.data;

import assay.rm.recipe.Recipe.TooLong;
import assay.rm.text.Message;
import assay.rm.text.StepEncoder;
import assay.tensor.InvalidInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import tools.jackson.databind.JsonNode;

/**
 * Reads answers with verdicts on their steps, or on the whole. Rows for steps:
 *
 * <pre>
 * {"prompt", "steps": [...], "labels": [true, false, null, ...]}
 * {"conversations": [{"role": "user", ...}, {"role": "assistant", "content": "+"}, ...]}
 * </pre>
 *
 * <p>Rows for whole answers: {@code {"prompt", "response", "label": true}}, the same with {@code
 * steps} or {@code messages}, and preference pairs, whose better answer is right and whose worse is
 * wrong. A verdict is true or false, + or -; null is none.
 *
 * <p>Pairs can teach steps, too, if only weakly: every line of the better answer is right, the last
 * line of the worse one is wrong, and of its other lines nothing is known.
 */
public final class StepLoader {
  private static final String CONVERSATIONS = "conversations";

  private final StepEncoder encoder;
  private final boolean whole;
  private final int maxLength;
  private final TooLong tooLong;
  private final Map<String, Long> dropped = new LinkedHashMap<>();
  private final List<LabelledText> texts = new ArrayList<>();

  private StepLoader(StepEncoder encoder, boolean whole, int maxLength, TooLong tooLong) {
    this.encoder = encoder;
    this.whole = whole;
    this.maxLength = maxLength;
    this.tooLong = tooLong;
  }

  /**
   * Reads the files that paths and globs name.
   *
   * @param whole whether answers are labelled as a whole
   * @param maxLength the most tokens an answer may have, with its prompt and verdicts
   * @throws InvalidInputException if a row cannot be parsed
   */
  public static TextData.Loaded load(
      List<String> patterns, StepEncoder encoder, boolean whole, int maxLength, TooLong tooLong) {
    StepLoader loader = new StepLoader(encoder, whole, maxLength, tooLong);
    for (Path file : RowFiles.find(patterns)) {
      try (RowReader reader = RowFiles.open(file)) {
        for (Optional<Row> row = reader.next(); row.isPresent(); row = reader.next()) {
          loader.take(row.get());
        }
      }
    }
    return new TextData.Loaded(loader.texts, loader.dropped);
  }

  private void take(Row row) {
    if (!whole && row.fields().hasNonNull(CONVERSATIONS)) {
      takeConversation(row);
      return;
    }
    switch (ScoreRow.parse(row)) {
      case ScoreRow.Pair pair when whole -> {
        take(row.place(), pair.chosen(), 1);
        take(row.place(), pair.rejected(), 0);
      }
      case ScoreRow.Pair pair -> {
        takeSteps(row.place(), pair.chosen(), true);
        takeSteps(row.place(), pair.rejected(), false);
      }
      case ScoreRow.Single single when whole ->
          take(row.place(), single.item(), verdict(row, row.fields().get("label")));
      case ScoreRow.Single(RowPlace place, var _, ScoreItem.Steps steps) ->
          take(place, steps, verdicts(row, steps.steps().size()));
      case ScoreRow.Unscorable unscorable -> drop(unscorable.error());
      case ScoreRow.Single _, ScoreRow.Responses _ ->
          throw new InvalidInputException(row.place() + ": expected " + expected());
    }
  }

  private String expected() {
    return whole
        ? "an answer with a label, or a pair of a right and a wrong answer: prompt, response, label"
            + " | messages, label | prompt, steps, label | chosen, rejected"
        : "an answer with a label for each step: prompt, steps, labels | conversations in which the"
            + " assistant says + or - of each step | chosen, rejected";
  }

  private float[] verdicts(Row row, int numSteps) {
    JsonNode labels = row.fields().get("labels");
    if (labels == null || !labels.isArray() || labels.size() != numSteps) {
      throw new InvalidInputException(
          row.place() + ": labels: expected a list of " + numSteps + ", one for each step");
    }
    float[] verdicts = new float[numSteps];
    for (int i = 0; i < numSteps; i++) {
      verdicts[i] = verdict(row, labels.get(i));
    }
    return verdicts;
  }

  /** 1, 0, or NaN for none. */
  private static float verdict(Row row, JsonNode label) {
    if (label == null || label.isNull()) {
      return Float.NaN;
    }
    if (label.isBoolean()) {
      return label.booleanValue() ? 1 : 0;
    }
    return verdict(row, label.isString() ? label.stringValue() : Json.describe(label));
  }

  private static float verdict(Row row, String text) {
    return switch (text.strip()) {
      case "+" -> 1;
      case "-" -> 0;
      default ->
          throw new InvalidInputException(
              row.place() + ": label: expected true or false, '+' or '-', found " + text);
    };
  }

  /** The conversation is in its final form already. */
  private void takeConversation(Row row) {
    List<Message> all =
        FieldParser.turns(row.place(), CONVERSATIONS, row.fields().get(CONVERSATIONS));
    List<Message> turns = new ArrayList<>();
    List<Float> verdicts = new ArrayList<>();
    for (Message turn : all) {
      if (turn.role().equals("assistant")) {
        verdicts.add(verdict(row, turn.content()));
      } else {
        turns.add(turn);
      }
    }
    float[] labels = new float[verdicts.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = verdicts.get(i);
      boolean inTurn = all.get(all.size() - 1 - 2 * i).role().equals("assistant");
      if (!inTurn || 2 * labels.length > all.size()) {
        throw new InvalidInputException(
            row.place()
                + ": conversations: expected the user's steps and the assistant's verdicts"
                + " by turns");
      }
    }
    if (labels.length == 0) {
      drop("no step is labelled");
      return;
    }
    long hash = TextHash.of(turns.subList(0, turns.size() - labels.length + 1));
    take(row.place(), new AnswerSteps(turns, labels.length), labels, hash);
  }

  private void take(RowPlace place, ScoreItem item, float... labels) {
    take(place, item, _ -> labels);
  }

  /** An answer of which only the end is known to be right or wrong. */
  private void takeSteps(RowPlace place, ScoreItem item, boolean right) {
    take(
        place,
        item,
        numSteps -> {
          float[] labels = new float[numSteps];
          Arrays.fill(labels, right ? 1 : Float.NaN);
          labels[numSteps - 1] = right ? 1 : 0;
          return labels;
        });
  }

  private void take(RowPlace place, ScoreItem item, IntFunction<float[]> labelsOfSteps) {
    AnswerSteps steps;
    try {
      steps = AnswerSteps.of(item, whole);
    } catch (InvalidInputException e) {
      drop("cannot be read: " + e.getMessage());
      return;
    }
    take(place, steps, labelsOfSteps.apply(steps.numSteps()), AnswerSteps.promptHash(item));
  }

  private void take(RowPlace place, AnswerSteps answer, float[] labels, long promptHash) {
    StepEncoder.Steps steps;
    try {
      steps = encoder.encode(answer.turns(), answer.numSteps());
    } catch (InvalidInputException e) {
      drop("cannot be encoded: " + e.getMessage());
      return;
    }
    if (steps.ids().length > maxLength && tooLong == TooLong.ERROR) {
      throw new InvalidInputException(
          "%s: %d tokens, more than data.max_length %d"
              .formatted(place, steps.ids().length, maxLength));
    }
    if (steps.ids().length > maxLength) {
      drop("has more than max_length tokens");
      return;
    }
    int[] ids = steps.ids().clone();
    for (int i = 0; i < labels.length; i++) {
      ids[steps.verdictAt()[i]] = labels[i] == 0 ? encoder.verdicts().b() : encoder.verdicts().a();
    }
    int[] readAt = Arrays.stream(steps.verdictAt()).map(at -> at - 1).toArray();
    int[] needed = Arrays.copyOf(ids, readAt[readAt.length - 1] + 1); // what no verdict follows on
    LabelledText text = new LabelledText(needed, readAt, labels, promptHash, place);
    if (text.numLabels() == 0) {
      drop("no step is labelled");
    } else {
      texts.add(text);
    }
  }

  private void drop(String reason) {
    dropped.merge(reason, 1L, Long::sum);
  }
}
