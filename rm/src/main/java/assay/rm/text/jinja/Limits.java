package assay.rm.text.jinja;

/**
 * How much one rendering may do. A template is code that came with a model from somewhere; nothing
 * it contains may hang the program or fill its memory. Limits count work, not time, so the same
 * template passes or fails on every machine.
 *
 * @param steps nodes evaluated, items copied or compared, and one more for every few characters
 *     searched
 * @param characters of all strings made, the output among them; an item of a list counts as some
 * @param depth of expressions, blocks and macro calls that are being evaluated inside each other
 */
public record Limits(long steps, long characters, int depth) {
  /** Of 93 real templates none takes more than 2,000 steps for a short conversation. */
  private static final long STEPS = 300_000;

  /** None makes more than 10,000 characters. */
  private static final long CHARACTERS = 1_000_000;

  /** None goes deeper than 50, and the stack of a thread has room for more than this. */
  private static final int DEPTH = 400;

  /**
   * Limits that grow with the conversation: what is right for one of a megabyte would let a hostile
   * template do a thousand times too much with one of a kilobyte.
   *
   * @param inputCharacters length of all strings that the template is given
   */
  public static Limits forInput(long inputCharacters) {
    return new Limits(STEPS + 64 * inputCharacters, CHARACTERS + 256 * inputCharacters, DEPTH);
  }
}
