package assay.rm.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.ComparisonEncoder.AnswerTokens;
import assay.rm.text.ComparisonEncoder.Position;
import assay.tensor.InvalidInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The questions of the pairwise preference model against those of the system it follows. */
class ComparisonEncoderTest {
  private static final Path RESOURCES = Path.of(System.getProperty("assay.test-resources"));
  private static final Path STORIES = RESOURCES.resolve("models/stories260K");

  /** In the vocabulary of stories260K: A and B without a space before them. */
  private static final AnswerTokens ANSWERS = new AnswerTokens(447, 445);

  @Test
  void questionsAreThoseOfRlhflow() throws IOException {
    JsonNode golden =
        JsonMapper.shared()
            .readTree(Files.readString(RESOURCES.resolve("text/pairwise-prompts.json")));
    int cases = 0;
    try (TextEncoder encoder = TextEncoder.load(STORIES, Optional.empty()).orElseThrow()) {
      for (Position position : Position.values()) {
        ComparisonEncoder comparisons = new ComparisonEncoder(encoder, position, ANSWERS);
        for (JsonNode expected : golden.path("cases")) {
          List<Message> context = new ArrayList<>();
          for (JsonNode turn : expected.path("context")) {
            context.add(new Message(turn.path("role").asString(), turn.path("content").asString()));
          }
          assertEquals(
              expected.path("context_text").asString(),
              ComparisonEncoder.context(context, position));
          Message question =
              comparisons.question(
                  context,
                  expected.path("response_a").asString(),
                  expected.path("response_b").asString());
          assertEquals(new Message("user", expected.path("prompt").asString()), question);
          cases++;
        }
      }
    }
    assertEquals(8, cases);
  }

  @Test
  void aSystemTurnIsCalledSoButUpstreamTakesItForTheUsers() {
    List<Message> turns = List.of(new Message("system", "s"), new Message("user", "u"));
    assertEquals(
        "\n\n<turn> system\n s\n<turn> user\n u\n",
        ComparisonEncoder.context(turns, Position.GENERATION_PROMPT));
    assertEquals(
        "\n\n<turn> user\n s\n<turn> assistant\n u\n",
        ComparisonEncoder.context(turns, Position.USER_TURN));
  }

  @Test
  void theAnswerIsReadAfterTheGenerationPromptOrAsUpstreamAfterTheUsersTurn() {
    try (TextEncoder encoder = TextEncoder.load(STORIES, Optional.empty()).orElseThrow()) {
      Message question = new Message("user", "q");
      ComparisonEncoder ours = new ComparisonEncoder(encoder, Position.GENERATION_PROMPT, ANSWERS);
      assertEquals("<s>user: q</s>assistant: ", ours.render(question));
      assertEquals(1, ours.encode(ours.render(question))[0]);
      ComparisonEncoder upstream = new ComparisonEncoder(encoder, Position.USER_TURN, ANSWERS);
      assertEquals("<s>user: q</s>", upstream.render(question));
      int[] ids = upstream.encode(upstream.render(question));
      assertTrue(ids[0] != 1, "BOS was left");
      assertEquals(2, ids[ids.length - 1]);
    }
  }

  @Test
  void aTokenizerThatSplitsAnAnswerIsRefused() {
    try (Tokenizer tokenizer = Tokenizer.load(STORIES)) {
      InvalidInputException error =
          assertThrows(InvalidInputException.class, () -> ComparisonEncoder.findAnswers(tokenizer));
      assertTrue(error.getMessage().contains("'A' is not one token but 2: \u2581 A"));
      assertTrue(error.getMessage().contains("answer_tokens"), error.getMessage());
    }
  }

  @Test
  void tokensMayBeNamedAsTheVocabularyWritesThem() {
    try (Tokenizer tokenizer = Tokenizer.load(STORIES)) {
      assertEquals(ANSWERS, ComparisonEncoder.namedAnswers(tokenizer, "A", "B"));
      for (String second : List.of("A", "no such token")) {
        assertThrows(
            InvalidInputException.class,
            () -> ComparisonEncoder.namedAnswers(tokenizer, "A", second));
      }
    }
  }

  @Test
  void theEndOfTheTurnIsFoundWhereTheTemplateLeavesTheAnswerWhole(@TempDir Path folder)
      throws IOException {
    try (TextEncoder encoder = TextEncoder.load(STORIES, Optional.empty()).orElseThrow()) {
      // "assistant: " and "B" share a token, so that the turn is not the prompt and an answer.
      ComparisonEncoder comparisons =
          new ComparisonEncoder(encoder, Position.GENERATION_PROMPT, ANSWERS);
      assertThrows(InvalidInputException.class, comparisons::turnEnd);
    }
    Files.copy(STORIES.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m['role'] + ':\\n' + m['content'] + '</s>' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ 'assistant:\\n' }}{% endif %}");
    try (TextEncoder encoder = TextEncoder.load(folder, Optional.empty()).orElseThrow()) {
      ComparisonEncoder comparisons =
          new ComparisonEncoder(encoder, Position.GENERATION_PROMPT, ANSWERS);
      assertArrayEquals(new int[] {2}, comparisons.turnEnd());
    }
  }
}
