package assay.rm.judge;

import assay.autograd.Tape;
import assay.nn.generation.LanguageModel;
import assay.rm.PackedRows;
import assay.tensor.InvalidInputException;
import assay.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A language model that is not asked to write. Its reply is begun for it, up to where the label of
 * the verdict stands, and how probable each label is as the next token is read there.
 *
 * <p>One forward instead of a hundred, never unparsable, and a probability instead of a word; but
 * the model has not thought aloud before it judges.
 */
public final class LogitsJudge implements Judge {
  private static final int BATCH_TOKENS = 4096;

  /** A question as tokens: what is read, and the token of each label that may come next. */
  @SuppressWarnings("ArrayRecordComponent") // handed through once, never a key
  record Reading(int[] ids, int[] labels) {}

  private final ChatModel model;

  /**
   * @param model from now on the judge's, which closes it
   */
  public LogitsJudge(ChatModel model) {
    this.model = model;
  }

  @Override
  public List<Reply> ask(List<Question> questions) {
    Reply[] replies = new Reply[questions.size()];
    List<Reading> batch = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    int tokens = 0;
    for (int i = 0; i < replies.length; i++) {
      Reading reading = read(questions.get(i));
      if (reading.ids().length > model.maxTokens()) {
        replies[i] = GeneratingJudge.tooLong(reading.ids().length, model.maxTokens());
        continue;
      }
      if (tokens > 0 && tokens + reading.ids().length > BATCH_TOKENS) {
        judge(questions, batch, places, replies);
        batch.clear();
        places.clear();
        tokens = 0;
      }
      batch.add(reading);
      places.add(i);
      tokens += reading.ids().length;
    }
    judge(questions, batch, places, replies);
    return Arrays.asList(replies);
  }

  /**
   * What the model reads, and the labels' tokens. A label may melt into what stands before it, so
   * each is tokenized in its place: all must be the same tokens and one more.
   *
   * @throws InvalidInputException if the tokenizer needs more than one token for a label
   */
  Reading read(Question question) {
    VerdictForm form = question.form();
    String begun = model.render(question.conversation()) + form.opening();
    String space = form.before().endsWith(" ") ? " " : "";
    List<int[]> written = new ArrayList<>();
    for (String label : form.labels()) {
      written.add(model.encode(begun + space + label));
    }
    int[] first = written.getFirst();
    int length = first.length - 1;
    int[] labels = new int[written.size()];
    for (int i = 0; i < labels.length; i++) {
      int[] ids = written.get(i);
      if (ids.length != length + 1 || !Arrays.equals(ids, 0, length, first, 0, length)) {
        throw new InvalidInputException(
            "after \"%s\" the verdicts %s are not one token each, so they cannot be read from the"
                    .formatted(form.opening() + space, form.labels())
                + " logits; take another prompt, or --mode generate");
      }
      labels[i] = ids[length];
    }
    if (Arrays.stream(labels).distinct().count() < labels.length) {
      throw new InvalidInputException(
          "the tokenizer has one token for two of the verdicts " + form.labels());
    }
    return new Reading(Arrays.copyOf(first, length), labels);
  }

  private void judge(
      List<Question> questions, List<Reading> batch, List<Integer> places, Reply[] replies) {
    if (batch.isEmpty()) {
      return;
    }
    LanguageModel language = model.model();
    PackedRows rows = PackedRows.groups(List.of(batch.stream().map(Reading::ids).toList()));
    float[] logits; // [R, vocab]
    try (TensorArena arena = TensorArena.open(language.device(), "activations")) {
      Tape tape = Tape.inference(arena);
      logits =
          language
              .logits(
                  language
                      .trunk()
                      .forward(tape, rows.ids(), rows.segments(), rows.readRows(), false))
              .value()
              .toFloats();
    }
    int vocab = language.trunk().config().vocabSize();
    for (int i = 0; i < batch.size(); i++) {
      float[] row = Arrays.copyOfRange(logits, i * vocab, (i + 1) * vocab);
      VerdictForm form = questions.get(places.get(i)).form();
      replies[places.get(i)] = reply(form, batch.get(i).labels(), row);
    }
  }

  /**
   * The most probable answer; two equally probable ones are a tie. Of ratings the mean, which tells
   * apart answers that would be given the same number.
   *
   * @param logits of all tokens, {@code [vocab]}
   */
  static Reply reply(VerdictForm form, int[] labels, float[] logits) {
    double all = logSumExp(IntStream.range(0, logits.length), logits);
    double some = logSumExp(IntStream.of(labels), logits);
    if (!Double.isFinite(all)) {
      return Reply.failed("the model's logits are not numbers");
    }
    List<Double> probabilities = new ArrayList<>();
    int best = 0;
    int numBest = 0;
    for (int i = 0; i < labels.length; i++) {
      probabilities.add(Math.exp(logits[labels[i]] - some));
      int order = Float.compare(logits[labels[i]], logits[labels[best]]);
      numBest = order > 0 ? 1 : order == 0 ? numBest + 1 : numBest;
      best = order > 0 ? i : best;
    }
    Verdict verdict = form.verdicts().get(best);
    if (verdict instanceof Verdict.Rating) {
      verdict = new Verdict.Rating(mean(form.verdicts(), probabilities));
    } else if (numBest > 1) {
      verdict = new Verdict.Tie();
    }
    return new Reply(verdict, "", Optional.of(probabilities), Math.exp(some - all));
  }

  private static double mean(List<Verdict> ratings, List<Double> probabilities) {
    double mean = 0;
    for (int i = 0; i < ratings.size(); i++) {
      if (ratings.get(i) instanceof Verdict.Rating(double value)) {
        mean += value * probabilities.get(i);
      }
    }
    return mean;
  }

  /** log(sum exp(logits)) over some tokens, in double. */
  private static double logSumExp(IntStream tokens, float[] logits) {
    int[] ids = tokens.toArray();
    double max = Arrays.stream(ids).mapToDouble(id -> logits[id]).max().orElseThrow();
    return max + Math.log(Arrays.stream(ids).mapToDouble(id -> Math.exp(logits[id] - max)).sum());
  }

  @Override
  public Optional<String> templateDate() {
    return model.templateDate();
  }

  @Override
  public void close() {
    model.close();
  }
}
