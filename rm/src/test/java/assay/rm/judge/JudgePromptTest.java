package assay.rm.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import assay.rm.text.Message;
import assay.tensor.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Prompts as files, and what a judge is shown. */
class JudgePromptTest {
  private static final List<Message> CONTEXT = List.of(new Message("user", "What is 2 + 2?"));
  private static final String SHORT =
      """
      kind: choice
      user: "{question} {answers}"
      answer: "{letter}: {answer}"
      verdict: "<{verdict}>"
      """;

  @Test
  void everyShippedPromptShowsQuestionAnswersAndForm() {
    for (String name : JudgePromptFile.NAMES) {
      JudgePrompt prompt = JudgePromptFile.load(name);
      Question question =
          prompt.kind() == JudgePrompt.Kind.CHOICE
              ? prompt.compare(CONTEXT, List.of("It is 4.", "It is 5."), 0)
              : prompt.rate(CONTEXT, "It is 4.", 0);
      String text = question.conversation().getLast().content();
      assertTrue(text.contains("What is 2 + 2?") && text.contains("It is 4."), name);
      assertFalse(text.contains("{"), text);
      assertFalse(question.conversation().getFirst().content().contains("{"), name);
      String sample = prompt.verdict().replace("{verdict}", question.form().labels().getFirst());
      assertEquals(question.form().verdicts().getFirst(), question.form().parse(sample), name);
      String begun = prompt.opening() + " " + question.form().labels().getLast();
      String end = prompt.verdict().substring(prompt.verdict().indexOf('}') + 1);
      assertEquals(question.form().verdicts().getLast(), question.form().parse(begun + end), name);
    }
  }

  @Test
  void anAnswerIsNeverTakenForAPlaceholder() {
    JudgePrompt prompt = JudgePromptFile.parse("short", SHORT);
    List<String> answers = List.of("{answer} $1 \\", "{question}");
    String text = prompt.compare(CONTEXT, answers, 0).conversation().getLast().content();
    assertEquals("What is 2 + 2? A: {answer} $1 \\\n\nB: {question}", text);
  }

  @Test
  void aConversationOfSeveralTurnsIsShownWithItsRoles() {
    List<Message> context =
        List.of(
            new Message("user", "Hi"),
            new Message("assistant", "Hello"),
            new Message("user", "2?"));
    JudgePrompt prompt = JudgePromptFile.parse("short", SHORT);
    String text = prompt.compare(context, List.of("x", "y"), 0).conversation().getLast().content();
    assertTrue(text.startsWith("<user>\nHi\n\n<assistant>\nHello\n\n<user>\n2? A: x"), text);
  }

  @Test
  void anyNumberOfAnswersGetsItsLetters() {
    Question question =
        JudgePromptFile.load("choice").compare(CONTEXT, List.of("a", "b", "c", "d"), 0);
    assertEquals(List.of("A", "B", "C", "D"), question.form().labels());
    String system = question.conversation().getFirst().content();
    assertTrue(system.contains("[[A]], [[B]], [[C]] or [[D]]"), system);
    JudgePrompt pair = JudgePromptFile.load("pair");
    assertThrows(
        InvalidInputException.class, () -> pair.compare(CONTEXT, List.of("a", "b", "c"), 0));
  }

  @Test
  void aBrokenPromptIsRefusedByFileAndKey() {
    assertRefused("kind: pick", "p.yaml: kind: expected choice or rating");
    assertRefused(
        SHORT + "usr: x", "p.yaml: usr: is no key of a judge prompt; did you mean 'user'");
    assertRefused(SHORT.replace("{answers}", ""), "p.yaml: user: has no {answers}");
    assertRefused(SHORT.replace("{letter}", "{leter}"), "p.yaml: answer: has no {letter}");
    assertRefused(SHORT + "system: \"{qestion}\"", "p.yaml: system: does not know {qestion}");
    assertRefused(SHORT + "tie: C", "p.yaml: tie: expected a letter after");
    assertRefused(SHORT + "answers: 2\ntie: B", "p.yaml: tie: expected a letter after");
    assertRefused(SHORT + "scale: [1, 2]", "p.yaml: scale: has no meaning");
    assertRefused(SHORT.replace("<{verdict}>", "[[A]]"), "p.yaml: verdict: has no {verdict}");
    String rating = "kind: rating\nuser: '{question} {answer}'\nverdict: '{verdict}'\n";
    assertRefused(rating + "scale: [5, 1]", "p.yaml: scale: expected the lowest and highest");
    assertRefused("- a", "p.yaml: expected keys and values");
    assertRefused("kind: [", "p.yaml: not valid YAML");
  }

  private static void assertRefused(String yaml, String beginning) {
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> JudgePromptFile.parse("p.yaml", yaml));
    assertTrue(error.getMessage().startsWith(beginning), error.getMessage());
  }
}
