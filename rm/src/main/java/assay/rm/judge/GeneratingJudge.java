package assay.rm.judge;

import assay.nn.generation.Generator;
import assay.nn.generation.Generator.Answer;
import assay.nn.generation.Generator.Prompt;
import assay.nn.generation.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A language model that writes what it thinks; the last verdict in it counts. */
public final class GeneratingJudge implements Judge {
  /** Replies that are written side by side. */
  private static final int BATCH_REPLIES = 16;

  private static final int BATCH_TOKENS = 8192;

  private final ChatModel model;
  private final Generator generator;
  private final Sampling sampling;

  /**
   * @param model from now on the judge's, which closes it
   * @param temperature 0 for the most probable reply
   * @param topP see {@link Sampling}
   */
  public GeneratingJudge(ChatModel model, int maxNewTokens, double temperature, double topP) {
    this.model = model;
    generator = new Generator(model.model());
    sampling = new Sampling(maxNewTokens, temperature, topP, model.stopTokens());
  }

  @Override
  public List<Reply> ask(List<Question> questions) {
    Reply[] replies = new Reply[questions.size()];
    List<Prompt> batch = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    int tokens = 0;
    for (int i = 0; i < replies.length; i++) {
      Question question = questions.get(i);
      int[] ids = model.encode(model.render(question.conversation()));
      if (ids.length >= model.maxTokens()) {
        replies[i] = tooLong(ids.length, model.maxTokens());
        continue;
      }
      int rows = ids.length + sampling.maxNewTokens();
      if (batch.size() == BATCH_REPLIES || (tokens > 0 && tokens + rows > BATCH_TOKENS)) {
        write(questions, batch, places, replies);
        batch.clear();
        places.clear();
        tokens = 0;
      }
      batch.add(new Prompt(ids, question.seed()));
      places.add(i);
      tokens += rows;
    }
    write(questions, batch, places, replies);
    return Arrays.asList(replies);
  }

  static Reply tooLong(int tokens, int limit) {
    return Reply.failed(
        "the question has %d tokens; with its reply the model reads %d".formatted(tokens, limit));
  }

  private void write(
      List<Question> questions, List<Prompt> batch, List<Integer> places, Reply[] replies) {
    List<Answer> answers = generator.generate(batch, sampling);
    for (int i = 0; i < answers.size(); i++) {
      String text = model.decode(answers.get(i).ids());
      int place = places.get(i);
      replies[place] = Reply.written(questions.get(place).form().parse(text), text);
    }
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
