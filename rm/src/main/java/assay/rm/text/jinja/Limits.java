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
  /** The deepest of real templates needs a tenth of it; the stack of a thread allows for more. */
  private static final int DEPTH = 400;

  /**
   * Limits that grow with the conversation: what is right for one of a megabyte would let a hostile
   * template do a thousand times too much with one of a kilobyte.
   *
   * @param inputCharacters length of all strings that the template is given
   */
  public static Limits forInput(long inputCharacters) {
    return new Limits(2_000_000 + 512 * inputCharacters, 4_000_000 + 256 * inputCharacters, DEPTH);
  }
}
