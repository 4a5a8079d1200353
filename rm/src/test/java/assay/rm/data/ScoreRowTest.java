package assay.rm.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScoreRowTest {
  private static final Message WHY = new Message("user", "Why?");
  private static final Message SO = new Message("assistant", "So.");

  private static ScoreRow parse(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    List<Row> rows = Fixtures.rows(RowFiles.open("in", new ByteArrayInputStream(bytes)));
    assertEquals(1, rows.size());
    return ScoreRow.parse(rows.getFirst());
  }

  private static String errorOf(String json) {
    return parse(json).answer().get("error").stringValue();
  }

  private static ScoreItem conversation(Message... turns) {
    return new ScoreItem.Conversation(List.of(turns));
  }

  @Test
  void kindsBecomeItems() {
    assertEquals(
        List.of(conversation(WHY, SO)),
        parse(
                """
                {"messages":[{"role":"user","content":"Why?"},{"role":"assistant","content":"So."}]}""")
            .items());
    assertEquals(
        List.of(new ScoreItem.Text("<s> as it is ")),
        parse("{\"text\":\"<s> as it is \"}").items());
    assertEquals(
        List.of(conversation(WHY, SO)),
        parse("{\"prompt\":\"Why?\",\"response\":\"So.\"}").items());
    assertEquals(
        List.of(conversation(WHY, SO), conversation(WHY, new Message("assistant", "No."))),
        parse("{\"prompt\":\"Why?\",\"responses\":[\"So.\",\"No.\"]}").items());
    assertEquals(
        List.of(conversation(WHY, SO), conversation(WHY, new Message("assistant", "No."))),
        parse("{\"prompt\":\"Why?\",\"chosen\":\"So.\",\"rejected\":\"No.\"}").items());
    ScoreRow ids = parse("{\"input_ids\":[1,2,3]}");
    assertArrayEquals(new int[] {1, 2, 3}, ids.items().getFirst().encode(Optional.empty()));
    ScoreRow pair = parse("{\"chosen_ids\":[1],\"rejected_ids\":[2,3]}");
    assertArrayEquals(new int[] {2, 3}, pair.items().get(1).encode(Optional.empty()));
  }

  @Test
  void answerHasTheOtherFieldsInTheirOrderAndThenTheRewards() {
    assertEquals(
        """
        {"id":"x","weight":1.50,"tags":[1,null],"reward":0.25}""",
        parse(
                "{\"id\":\"x\",\"prompt\":\"a\",\"weight\":1.50,\"response\":\"b\",\"tags\":[1,null]}")
            .answer(0.25)
            .toString());
    assertEquals(
        "{\"rewards\":[1.0,-2.0]}",
        parse("{\"prompt\":\"a\",\"responses\":[\"b\",\"c\"]}").answer(1, -2).toString());
    assertEquals(
        "{\"k\":1,\"chosen_reward\":1.0,\"rejected_reward\":-2.0}",
        parse("{\"k\":1,\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}")
            .answer(1, -2)
            .toString());
  }

  @Test
  void newRewardTakesThePlaceOfAnOldOne() {
    assertEquals(
        "{\"id\":1,\"reward\":2.0}",
        parse("{\"reward\":7,\"text\":\"a\",\"id\":1}").answer(2).toString());
  }

  @Test
  void rowThatCannotBeScoredAnswersWithAnError() {
    String nothing = errorOf("{\"id\":1,\"question\":\"a\"}");
    assertTrue(nothing.startsWith("there is nothing to score: expected one of"), nothing);
    assertTrue(nothing.endsWith("found id, question"), nothing);
    assertEquals(
        "in:1: messages: expected a list of turns, found text", errorOf("{\"messages\":\"a\"}"));
    assertEquals("in:1: the conversation has no turns", errorOf("{\"messages\":[]}"));
    assertEquals("in:1: input_ids: there are no token ids", errorOf("{\"input_ids\":[]}"));
    assertEquals(
        "in:1: chosen: an answer as text needs a prompt beside it",
        errorOf("{\"chosen\":\"a\",\"rejected\":\"b\"}"));
    assertEquals(
        "in:1: responses: expected a list of responses, found text",
        errorOf("{\"prompt\":\"a\",\"responses\":\"b\"}"));
    assertEquals("in:1: text: expected text, found the number 5", errorOf("{\"text\":5}"));
    assertTrue(errorOf("{\"text\":\"\\udc00\"}").contains("surrogate"));
    assertEquals(
        "the model's reward is NaN",
        parse("{\"text\":\"a\"}").answer(Double.NaN).get("error").stringValue());
    assertEquals(
        "{\"id\":1,\"error\":\"in:1: the conversation has no turns\"}",
        parse("{\"id\":1,\"error\":\"old\",\"messages\":[]}").answer().toString());
  }

  @Test
  void idsNeedNoTokenizerAndTextDoes() {
    ScoreItem text = parse("{\"text\":\"a\"}").items().getFirst();
    InvalidInputException e =
        assertThrows(InvalidInputException.class, () -> text.encode(Optional.empty()));
    assertTrue(e.getMessage().startsWith("text needs a tokenizer"), e.getMessage());
    assertArrayEquals(
        new int[] {0, 1}, new ScoreItem.Text("a b").encode(Optional.of(new WordEncoder())));
  }

  @Test
  void writerPutsOneRowOnALineAndCountsErrors() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ScoreWriter writer = new ScoreWriter("out", out)) {
      writer.write(parse("{\"id\":\"é\\n\",\"text\":\"a\"}").answer(0.5));
      writer.write(parse("{\"id\":2}").answer());
      writer.flush();
      assertEquals(2, writer.numRows());
      assertEquals(1, writer.numErrors());
    }
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(2, lines.size());
    assertEquals("{\"id\":\"é\\n\",\"reward\":0.5}", lines.getFirst());
  }
}
