package assay.eval.doctor;

/** A kind of finding. */
public enum Fault {
  UNREADABLE("cannot be read as a pair of two answers"),
  SAME_ANSWERS("chosen and rejected are the same"),
  EMPTY_ANSWER("an answer is empty"),
  DIFFERENT_PROMPTS("chosen and rejected answer different conversations"),
  ROLES("turns are not in the order user, assistant, ..., or end with no answer"),
  ENCODING("characters that a wrong encoding leaves behind, or that no text has"),
  DUPLICATE("the same prompt and answers stand in an earlier row"),
  CONTRADICTION("another row prefers the other one of the same two answers"),
  CYCLE("preferences go round in a circle of three answers or more"),
  SHARED_PROMPT("the prompt stands in the other data, too"),
  SHARED_TEXT("the prompt has a long run of words in common with one of the other data");

  private final String description;

  Fault(String description) {
    this.description = description;
  }

  /** For people. */
  public String description() {
    return description;
  }
}
