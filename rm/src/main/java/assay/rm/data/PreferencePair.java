package assay.rm.data;

/**
 * A pair that is ready for training: two sequences that begin alike, each read at its last token.
 * What they are is up to the kind of reward model ({@link PairReader}).
 *
 * @param chosenIds for a reward, the tokens of prompt and better answer; for a comparison, the
 *     tokens of the question in which the better answer comes first
 * @param rejectedIds the same for the worse answer
 * @param margin by how much the rewards should differ at least; 0 where the data gives none
 * @param target the probability with which the chosen answer should be the better one: 1, or 0.5
 *     for a neutral pair, of which neither is
 * @param source the row's {@code source}, or empty
 * @param id the row's {@code id}, or empty
 * @param file where it comes from
 * @param line the line or row in that file, from 1
 * @param promptHash equal for pairs of the same prompt
 * @param chosenLength tokens of the better answer, before any truncation; see {@link
 *     PairReader.Sides}
 * @param rejectedLength tokens of the worse answer
 */
@SuppressWarnings("ArrayRecordComponent") // a pair is data to be read, never a key
public record PreferencePair(
    int[] chosenIds,
    int[] rejectedIds,
    double margin,
    double target,
    String source,
    String id,
    String file,
    long line,
    long promptHash,
    int chosenLength,
    int rejectedLength)
    implements TrainingRow {

  /** A labelled pair whose sequences are prompt and answer. */
  public PreferencePair(
      int[] chosenIds,
      int[] rejectedIds,
      double margin,
      String source,
      String id,
      String file,
      long line,
      long promptHash) {
    this(
        chosenIds,
        rejectedIds,
        margin,
        1,
        source,
        id,
        file,
        line,
        promptHash,
        chosenIds.length - sharedPrefix(chosenIds, rejectedIds),
        rejectedIds.length - sharedPrefix(chosenIds, rejectedIds));
  }

  /** Whether the better answer has more tokens than the worse one. */
  public boolean chosenIsLonger() {
    return chosenLength > rejectedLength;
  }

  /** Whether neither answer is the better one. */
  public boolean isNeutral() {
    return target == 0.5;
  }

  /** The number of tokens that both sides begin with, as {@link #sharedPrefix(int[], int[])}. */
  public int sharedPrefix() {
    return sharedPrefix(chosenIds, rejectedIds);
  }

  /**
   * The number of tokens that both sides begin with and that may be computed once. Each side keeps
   * at least one token of its own, since its reward is read there: also where one side is the
   * other's beginning.
   */
  public static int sharedPrefix(int[] chosen, int[] rejected) {
    int limit = Math.min(chosen.length, rejected.length) - 1;
    int shared = 0;
    while (shared < limit && chosen[shared] == rejected[shared]) {
      shared++;
    }
    return shared;
  }

  /** The rows that the model computes for this pair, the shared ones once or twice. */
  public int computedRows(boolean sharePrompts) {
    return chosenIds.length + rejectedIds.length - (sharePrompts ? sharedPrefix() : 0);
  }
}
