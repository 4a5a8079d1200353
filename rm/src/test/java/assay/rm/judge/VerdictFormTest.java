package assay.rm.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Which verdict a reply has. */
class VerdictFormTest {
  private static final VerdictForm PAIR = VerdictForm.choice("[[", "]]", "[[", 2, "C");
  private static final VerdictForm RATING = VerdictForm.rating("[[", "]]", "[[", 1, 10);
  private static final VerdictForm RESULT = VerdictForm.rating("[RESULT] ", "", "[RESULT]", 1, 5);
  private static final Verdict NONE = new Verdict.Unparsable();

  @Test
  void theLastVerdictCounts() {
    String reply = "You want [[A]] or [[B]]. I first thought [[A]]. My verdict: [[B]].";
    assertEquals(new Verdict.Choice(1), PAIR.parse(reply));
    assertEquals(new Verdict.Choice(0), PAIR.parse("[[B]] no, [[A]]"));
    assertEquals(new Verdict.Tie(), PAIR.parse("Both do. [[C]]"));
    assertEquals(new Verdict.Choice(0), PAIR.parse("[[ A ]]"));
  }

  @Test
  void whatIsNotOfTheFormIsNoVerdict() {
    for (String reply : new String[] {"", "A", "[A]", "Answer A is better.", "[[A", "[[5]]"}) {
      assertEquals(NONE, PAIR.parse(reply), reply);
    }
    assertEquals(NONE, PAIR.parse("[[A]] and so [[D]]"));
    assertEquals(NONE, PAIR.parse("[[A]], in the form [[verdict]]"));
    assertEquals(NONE, PAIR.parse("[[a]]"));
  }

  @Test
  void ratingsAreNumbersOnTheScale() {
    assertEquals(new Verdict.Rating(7), RATING.parse("Of 10 points: Rating: [[7]]"));
    assertEquals(new Verdict.Rating(10), RATING.parse("Rating: [[10]]"));
    assertEquals(new Verdict.Rating(7.5), RATING.parse("Rating: [[7.5]]"));
    assertEquals(NONE, RATING.parse("Rating: [[11]]"));
    assertEquals(NONE, RATING.parse("Rating: [[0]]"));
    assertEquals(NONE, RATING.parse("Rating: 7"));
    assertEquals(NONE, RATING.parse("Rating: [[A]]"));
  }

  @Test
  void aFormMayEndWithItsLabel() {
    assertEquals(new Verdict.Rating(4), RESULT.parse("Feedback: good. [RESULT] 4"));
    assertEquals(new Verdict.Rating(4), RESULT.parse("Feedback: good.\n[RESULT]\n4.\n"));
    assertEquals(NONE, RESULT.parse("Feedback: good. [RESULT] 6"));
    assertEquals(NONE, RESULT.parse("Feedback: good. [RESULT]"));
  }
}
