package assay.rm.judge;

/** What a judge said of the answers it was shown. */
public sealed interface Verdict {
  /**
   * One answer is the best.
   *
   * @param position where it stood among those that were shown, from 0
   */
  record Choice(int position) implements Verdict {}

  /** Two answers are equally good. */
  record Tie() implements Verdict {}

  /** How good an answer is, on its prompt's scale. */
  record Rating(double value) implements Verdict {}

  /** There was a reply, and no verdict in it. It is counted, and nobody guesses what was meant. */
  record Unparsable() implements Verdict {}

  /**
   * There was no reply.
   *
   * @param reason a sentence
   */
  record Failed(String reason) implements Verdict {}
}
