package assay.rm.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.nn.generation.Generator;
import assay.nn.generation.Sampling;
import assay.rm.judge.LogitsJudge.Reading;
import assay.rm.text.Message;
import assay.tensor.DType;
import assay.tensor.Device;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Judges that are models on this machine: a tiny one, which writes stories and knows nothing. */
class LocalJudgesTest {
  private static final Path STORIES =
      Path.of(System.getProperty("assay.test-resources"), "models", "stories260K");
  private static final VerdictForm FORM = VerdictForm.choice("[[", "]]", "[[", 2, "C");

  @TempDir private Path folder;

  @BeforeEach
  void copyModel() throws IOException {
    try (Stream<Path> files = Files.list(STORIES)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    template("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:");
  }

  private void template(String text) throws IOException {
    Files.writeString(folder.resolve("chat_template.jinja"), text);
  }

  private ChatModel load(Device device) {
    return ChatModel.load(folder.toString(), device, DType.F32, Optional.empty());
  }

  private static Question question(String text) {
    return new Question(List.of(new Message("user", text)), FORM, 3);
  }

  @Test
  void labelsAreReadWhereTheyWouldBeWritten() {
    try (Device device = Device.cpu(2);
        LogitsJudge judge = new LogitsJudge(load(device))) {
      Reading reading = judge.read(question("A cat or a dog?"));
      ChatModel model = load(device);
      String text = "user: A cat or a dog?\nassistant:[[";
      int[] a = model.encode(text + "A");
      int[] c = model.encode(text + "C");
      assertEquals(a.length - 1, reading.ids().length);
      assertEquals(a[a.length - 1], reading.labels()[0]);
      assertEquals(c[c.length - 1], reading.labels()[2]);
      model.close();
    }
  }

  @Test
  void probabilitiesAreThoseOfTheLabelsAlone() {
    int[] labels = {0, 2, 3};
    float[] logits = {(float) Math.log(0.2), (float) Math.log(0.5), (float) Math.log(0.25), -3000};
    Reply reply = LogitsJudge.reply(FORM, labels, logits);
    assertEquals(new Verdict.Choice(1), reply.verdict());
    List<Double> probabilities = reply.probabilities().orElseThrow();
    assertEquals(0.2 / 0.45, probabilities.get(0), 1e-6);
    assertEquals(0.25 / 0.45, probabilities.get(1), 1e-6);
    assertEquals(0, probabilities.get(2));
    assertEquals(0.45 / 0.95, reply.verdictMass(), 1e-6);
    float[] equal = {1, 5, 1, 0};
    assertEquals(new Verdict.Tie(), LogitsJudge.reply(FORM, labels, equal).verdict());
    Reply broken = LogitsJudge.reply(FORM, labels, new float[] {1, Float.NaN, 1, 1});
    assertInstanceOf(Verdict.Failed.class, broken.verdict());
  }

  /** Ratings 1, 2, 3 with probabilities 1/4, 1/4, 1/2. */
  @Test
  void aRatingFromLogitsIsTheMean() {
    VerdictForm scale = VerdictForm.rating("[[", "]]", "[[", 1, 3);
    float[] logits = {0, 0, (float) Math.log(2)};
    Reply reply = LogitsJudge.reply(scale, new int[] {0, 1, 2}, logits);
    double rating = assertInstanceOf(Verdict.Rating.class, reply.verdict()).value();
    assertEquals(2.25, rating, 1e-6);
  }

  @Test
  void aQuestionIsAnsweredAloneAsAmongOthers() {
    try (Device device = Device.cpu(2);
        LogitsJudge judge = new LogitsJudge(load(device))) {
      List<Question> questions =
          List.of(question("A cat or a dog?"), question("A cat or a cow?"), question("Why?"));
      List<Reply> together = judge.ask(questions);
      for (int i = 0; i < questions.size(); i++) {
        Reply alone = judge.ask(List.of(questions.get(i))).getFirst();
        assertEquals(alone, together.get(i));
        double sum = alone.probabilities().orElseThrow().stream().mapToDouble(p -> p).sum();
        assertEquals(1, sum, 1e-9);
      }
    }
  }

  @Test
  void aWrittenReplyIsWhatTheModelGenerates() {
    try (Device device = Device.cpu(2);
        GeneratingJudge judge = new GeneratingJudge(load(device), 12, 0, 1);
        ChatModel model = load(device)) {
      int[] ids = model.encode("user: Once upon a time\nassistant:");
      Generator.Answer answer =
          new Generator(model.model())
              .generate(
                  List.of(new Generator.Prompt(ids, 0)), Sampling.greedy(12, model.stopTokens()))
              .getFirst();
      List<Question> questions = List.of(question("Once upon a time"), question("The end"));
      Reply reply = judge.ask(questions).getFirst();
      assertEquals(model.decode(answer.ids()), reply.text());
      assertFalse(reply.text().isEmpty());
      assertEquals(new Verdict.Unparsable(), reply.verdict());
    }
  }

  @Test
  void aQuestionThatIsTooLongIsNotAsked() {
    try (Device device = Device.cpu(1);
        GeneratingJudge writing = new GeneratingJudge(load(device), 4, 0, 1);
        LogitsJudge reading = new LogitsJudge(load(device))) {
      List<Question> questions = List.of(question("long ".repeat(600)), question("short"));
      for (Judge judge : List.of(writing, reading)) {
        List<Reply> replies = judge.ask(questions);
        assertInstanceOf(Verdict.Failed.class, replies.get(0).verdict());
        assertFalse(replies.get(1).verdict() instanceof Verdict.Failed);
      }
    }
  }

  @Test
  void verdictsOfSeveralTokensAreRefused() {
    try (Device device = Device.cpu(1);
        LogitsJudge judge = new LogitsJudge(load(device))) {
      VerdictForm ten = VerdictForm.rating("[[", "]]", "[[", 1, 10);
      Question question = new Question(List.of(new Message("user", "u")), ten, 0);
      InvalidInputException error =
          assertThrows(InvalidInputException.class, () -> judge.ask(List.of(question)));
      assertTrue(error.getMessage().contains("are not one token each"), error.getMessage());
    }
  }

  @Test
  void aTemplateWithoutSystemTurnsPutsTheirTextFirst() throws IOException {
    template(
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
            + "{% for m in messages %}{{ m.content }}{% endfor %}>");
    try (Device device = Device.cpu(1);
        ChatModel model = load(device)) {
      assertFalse(model.takesSystemTurns());
      List<Message> turns = List.of(new Message("system", "Rules."), new Message("user", "Go."));
      assertEquals("Rules.\n\nGo.>", model.render(turns));
    }
  }

  @Test
  void whatCannotJudgeIsRefusedByName() throws IOException {
    Path config = folder.resolve("config.json");
    String text = Files.readString(config);
    Files.writeString(config, text.replace("ForCausalLM", "ForSequenceClassification"));
    assertRefused("expected a ...ForCausalLM");
    Files.writeString(config, text);
    Files.delete(folder.resolve("chat_template.jinja"));
    Files.delete(folder.resolve("tokenizer_config.json")); // has a template too
    assertRefused("chat_template.jinja: is missing");
    Files.delete(folder.resolve("tokenizer.json"));
    assertRefused("has no tokenizer.json");
  }

  private void assertRefused(String part) {
    try (Device device = Device.cpu(1)) {
      InvalidInputException error =
          assertThrows(InvalidInputException.class, () -> load(device).close());
      assertTrue(error.getMessage().contains(part), error.getMessage());
    }
  }

  @Test
  void drawnRepliesDependOnTheQuestionsSeed() {
    try (Device device = Device.cpu(2);
        GeneratingJudge judge = new GeneratingJudge(load(device), 16, 1, 1)) {
      Question one = question("Once upon a time");
      Question other = new Question(one.conversation(), FORM, 4);
      List<Reply> replies = judge.ask(List.of(one, other));
      assertEquals(replies.getFirst().text(), judge.ask(List.of(one)).getFirst().text());
      assertFalse(replies.get(0).text().equals(replies.get(1).text()));
    }
  }
}
